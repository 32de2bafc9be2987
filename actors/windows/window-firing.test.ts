/** When windows tell what they hold, besides at their end; and what is said when they cannot. */

import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import { count, sum } from "../aggregates/totals.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/index.ts";
import { every } from "./trigger.ts";
import { counting, global, session, sliding, tumbling, type WindowAssigner } from "./window-assigner.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowOptions } from "./window-options.ts";
import type { KeyedWindowResult } from "./window-result.ts";

type Result = KeyedWindowResult<string, number>;

const total = sum<number>((value) => value);

async function open(
  assigner: WindowAssigner<number>,
  options: WindowOptions = {},
  more: OperatorHarnessOptions & {
    readonly aggregate?: Aggregate<number, number, number>;
    readonly isKeyed?: boolean;
  } = {},
) {
  const { aggregate = total, isKeyed = true, ...rest } = more;
  const spec = windowOperator(assigner, aggregate, options, isKeyed);
  return OperatorHarness.open<number, Result>(spec, { clock: new VirtualClock(0), guarantee: "exactly-once", ...rest });
}

const at = (time: number, value = 1, key = "a") => ({ value, time, key });
/** Where it is early, revision and value of each result. */
const told = (harness: OperatorHarness<number, Result>) =>
  harness
    .values()
    .map(({ value, revision, early, window }) => `${window.start} ${early ? "early" : revision} ${value}`);

describe("early results", () => {
  test("come when event time passes a multiple of the interval, of what has changed, and once for several multiples", async () => {
    const harness = await open(tumbling(100), { early: every("10ms") });

    harness.feed([at(1), at(2, 5)]);
    harness.watermark(9);
    expect(told(harness)).toEqual(["0 early 6"]);

    harness.watermark(12);
    expect(told(harness)).toEqual(["0 early 6"]);

    harness.feed([at(13)]);
    harness.watermark(47);
    harness.watermark(60);
    expect(told(harness)).toEqual(["0 early 6", "0 early 7"]);

    harness.watermark(99);
    expect(told(harness)).toEqual(["0 early 6", "0 early 7", "0 0 7"]);
  });

  test("come by the clock over windows of event time, and only while something is new", async () => {
    const harness = await open(tumbling(100), { early: every("10ms", { time: "processing" }) });
    harness.feed([at(1)]);

    await harness.advance(35);
    harness.feed([at(2)]);
    await harness.advance(10);

    expect(told(harness)).toEqual(["0 early 1", "0 early 2"]);
    await harness.close();
    expect(harness.clock.nextDelayMs()).toBeUndefined();
  });

  test("come after so many events, and discard what they have told if they are to", async () => {
    const keeping = await open(tumbling(100), { early: every(2) });
    const discarding = await open(tumbling(100), { early: every(2), panes: "discarding" });
    for (const harness of [keeping, discarding]) {
      harness.feed([1, 2, 3, 4, 5].map((value) => at(value, value)));
      harness.watermark(99);
    }

    expect(told(keeping)).toEqual(["0 early 3", "0 early 10", "0 0 15"]);
    expect(told(discarding)).toEqual(["0 early 3", "0 early 7", "0 0 5"]);
  });

  test("of overlapping windows are of each for itself", async () => {
    const harness = await open(sliding(20, 10), { early: every("5ms") });
    harness.feed([at(3), at(12, 10)]);
    harness.watermark(5);

    expect(told(harness).sort()).toEqual(["-10 early 1", "0 early 11", "10 early 10"]);
  });

  test("of an interval that had begun before a restore do not come before it is over", async () => {
    const options = { early: every("10ms") };
    const before = await open(session(100), options);
    before.feed([at(1, 4)]);
    before.watermark(11);
    before.feed([at(12)]);
    const entries = await before.barrier(1);

    const after = await open(session(100), options, { restore: { entries, epoch: 1 } });
    after.watermark(19);
    expect(told(after)).toEqual([]);
    after.watermark(20);

    expect([told(before), told(after)]).toEqual([["1 early 4"], ["1 early 5"]]);
  });

  test("are waited for again after a restore", async () => {
    const options = { early: every("10ms", { time: "processing" }) };
    const before = await open(session(100), options);
    before.feed([at(1, 4)]);
    const entries = await before.barrier(1);

    const after = await open(session(100), options, { restore: { entries, epoch: 1 } });
    await after.advance(10);

    expect(told(after)).toEqual(["1 early 4"]);
  });
});

describe("sessions", () => {
  test("that were told and are merged name the windows they replace, also of early results", async () => {
    const harness = await open(session(10), { allowedLateness: 50, early: every(1) });
    harness.feed([at(0), at(19)]);
    harness.watermark(40);
    harness.feed([at(10)]);

    expect(harness.values().at(-1)).toEqual({
      ...{ key: "a", window: { start: 10, end: 29 }, revision: 0, value: 2 },
      replaces: [{ start: 19, end: 29 }],
    });

    harness.feed([at(9)]);

    expect(harness.values().at(-1)).toEqual({
      ...{ key: "a", window: { start: 0, end: 29 }, revision: 0, value: 4 },
      replaces: [
        { start: 0, end: 10 },
        { start: 10, end: 29 },
      ],
    });

    harness.feed([at(9)]);

    expect(harness.values().at(-1)).toEqual({ key: "a", window: { start: 0, end: 29 }, revision: 1, value: 5 });
  });

  test("whose gap an event says wrongly fail that event", async () => {
    const harness = await open(session<number>((value) => value));
    harness.feed([at(0, 5), at(1, 0), at(2, Number.NaN)]);
    harness.watermark(100);

    expect(harness.deadLetters.map(({ error }) => error)).toEqual(
      Array(2).fill(expect.objectContaining({ code: "ERR_RT_OPTION" })),
    );
    expect(told(harness)).toEqual(["0 0 5"]);
  });
});

describe("windows by the clock", () => {
  test("tell what fell due while the operator was down at once, and stamp results with their end", async () => {
    const before = await open(tumbling(100), { time: "processing" });
    before.feed([{ value: 3, key: "a" }]);
    const entries = await before.barrier(1);

    const after = await open(
      tumbling(100),
      { time: "processing" },
      { clock: new VirtualClock(5_000), restore: { entries, epoch: 1 } },
    );
    await after.step();

    expect(after.results()["main"]).toMatchObject([{ value: { value: 3, window: { start: 0, end: 100 } }, time: 99 }]);
  });

  test("tell what is open at the end of the stream, and nothing is late", async () => {
    const harness = await open(sliding(100, 50), { time: "processing" });
    harness.watermark(1_000_000);
    harness.feed([at(5)]);

    const { results } = await harness.end();

    expect(results["main"]?.map(({ value }) => (value as Result).window.end)).toEqual([50, 100]);
    expect(results["late"]).toEqual([]);
  });

  test("pass event time on as it comes", async () => {
    const harness = await open(tumbling(100), { time: "processing" });
    harness.watermark(7, true);

    expect(harness.watermarks).toEqual([{ time: 7, isIdle: true }]);
  });
});

describe("windows without an end", () => {
  test("of so many events tell the rest at the end, with the time of the newest event", async () => {
    const harness = await open(counting(2), {}, { aggregate: count() });
    harness.feed([at(5), at(3), at(9), at(4, 1, "b")]);

    const { results } = await harness.end();

    expect(results["main"]?.map(({ value, time }) => [(value as Result).key, (value as Result).value, time])).toEqual([
      ["a", 2, 5],
      ["a", 1, 9],
      ["b", 1, 4],
    ]);
  });

  test("need no event time, unless their trigger does", async () => {
    const counted = await open(counting(1));
    counted.feedValues([7]);
    expect(counted.values()).toMatchObject([{ value: 7 }]);

    const timed = await open(global(every("1s")));
    timed.feedValues([7]);
    expect(timed.deadLetters).toMatchObject([{ value: 7, error: { code: "ERR_ACT_EVENT_TIME" } }]);
  });

  test("wait for a multiple that is to come, also where the first event of a key is behind event time", async () => {
    const harness = await open(global(every("10ms", { time: "event" })));
    harness.watermark(25);
    harness.feed([at(12)]);

    harness.watermark(29);
    expect(harness.values()).toEqual([]);
    harness.watermark(30);
    expect(harness.values()).toHaveLength(1);
  });

  test("tell by the clock at each multiple of the interval, and go on after a restore", async () => {
    const assigner = global(every("10ms", { time: "processing" }));
    const before = await open(assigner);
    before.feed([at(0, 2)]);
    await before.advance(10);
    expect(told(before)).toEqual(["-Infinity 0 2"]);
    const entries = await before.barrier(1);

    const after = await open(assigner, {}, { clock: before.clock, restore: { entries, epoch: 1 } });
    after.feed([at(0, 3)]);
    await after.advance(9);
    expect(told(after)).toEqual([]);
    await after.advance(1);

    expect(told(after)).toEqual(["-Infinity 1 5"]);
  });
});

test("results of windows without keys have none", async () => {
  const harness = await open(tumbling(10), {}, { isKeyed: false });
  harness.feed([{ value: 2, time: 1 }]);
  harness.watermark(9);

  expect(harness.values()).toEqual([{ window: { start: 0, end: 10 }, value: 2, revision: 0 }]);
});

test("an event without event time fails, and says what to do", async () => {
  const harness = await open(tumbling(10));
  harness.feedValues([1]);

  expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_EVENT_TIME" } }]);
});

test("what was late before a restart without state is late behind it", async () => {
  const harness = await open(tumbling(10), {}, { guarantee: "at-most-once" });
  harness.watermark(50);
  const spec = windowOperator(tumbling(10), total);
  const logic = spec.create();
  await logic.open?.(harness.context);
  const late: unknown[] = [];
  const output = {
    begin: () => {},
    emit: () => {},
    emitTo: (_: number, value: unknown) => late.push(value),
    advance: () => {},
  };

  logic.onBatch({ values: [1], times: [41], keys: ["a"] }, 0, 1, output as never);

  expect(late).toEqual([1]);
});

describe("stored windows", () => {
  const stored = async (
    assigner: WindowAssigner<number>,
    options: WindowOptions = {},
  ): Promise<readonly StateEntry[]> => {
    const harness = await open(assigner, options);
    harness.feed([at(1, 5), at(15, 6)]);
    return harness.barrier(1);
  };

  test("of another size or kind are refused", async () => {
    const entries = await stored(tumbling(10));
    const restored = (assigner: WindowAssigner<number>, options: WindowOptions = {}) =>
      open(assigner, options, { restore: { entries, epoch: 1 } });

    for (const other of [
      restored(tumbling(20)),
      restored(session(10)),
      restored(tumbling(20), { version: 2, migrate: { 1: (old) => old } }),
    ]) {
      await expect(other).rejects.toMatchObject({ code: "ERR_ACT_STATE_KIND" });
    }
  });

  test.each<[string, WindowAssigner<number>]>([
    ["single", tumbling(10)],
    ["in panes", sliding(20, 10)],
    ["sessions", session(5)],
    ["without end", counting(9)],
  ])("of an earlier version are migrated, and stored anew: %s", async (_, assigner) => {
    const entries = await stored(assigner);
    const options = { version: 2, migrate: { 1: (old: number) => old * 100 } };

    const harness = await open(assigner, options, { restore: { entries, epoch: 1 } });
    const again = await harness.barrier(2);
    const { results } = await harness.end();

    expect(
      again.filter(([, , , , form]) => form?.kind !== "progress").every(([, , , , form]) => form?.version === 2),
    ).toBe(true);
    expect(again.length).toBeGreaterThan(entries.length - 2);
    expect(Math.max(...(results["main"] ?? []).map(({ value }) => (value as Result).value))).toBeGreaterThanOrEqual(
      600,
    );
  });

  test("are stored one by one: a snapshot holds the panes that changed", async () => {
    const harness = await open(sliding(1_000, 1));
    harness.feed(Array.from({ length: 1_000 }, (_, time) => at(time)));
    expect((await harness.barrier(1)).length).toBe(1_000);

    harness.feed([at(500), at(500, 1, "b")]);

    expect((await harness.barrier(2)).map(([name, key]) => [name, key])).toEqual([
      ["from 500", "a"],
      ["from 500", "b"],
    ]);
  });

  test("are gone from the state when they are over, and never in it when they come and go between two snapshots", async () => {
    const harness = await open(sliding(20, 10));
    harness.feed([at(1)]);
    await harness.barrier(1);
    harness.feed([at(31)]);
    harness.watermark(100);

    const entries = (await harness.barrier(2)).filter(([name]) => name.startsWith("from"));

    expect(entries.map(([name, key, present]) => [name, key, present])).toEqual([["from 0", "a", false]]);
  });
});

test.each([
  [0, 19],
  [7, 26],
])(
  "an event of panes is late from the millisecond on in which its last window is over, allowed lateness %i",
  async (allowedLateness, over) => {
    const harness = await open(sliding(20, 10), { allowedLateness });

    harness.watermark(over - 1);
    harness.feed([at(5, 1)]);
    harness.watermark(over);
    harness.feed([at(5, 2)]);

    expect(harness.results()["late"]?.map(({ value }) => value)).toEqual([2]);
  },
);
