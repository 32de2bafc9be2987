import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HarnessResult } from "../testing/harness-output.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { IntervalJoinReference, type JoinedRow } from "./fixtures/join-reference.ts";
import { joinSteps } from "./fixtures/join-steps.ts";
import { JoinTrial } from "./fixtures/join-trial.ts";
import { intervalJoin } from "./interval-join.ts";
import type { JoinIntervalOptions } from "./join-interval.ts";
import type { JoinOptions } from "./join-logic.ts";
import type { JoinType } from "./join-type.ts";

type Pair = readonly [left: string | undefined, right: string | undefined];

const pair = (left: string | undefined, right: string | undefined): Pair => [left, right];

const openJoin = (interval: JoinIntervalOptions, options: JoinOptions = {}): Promise<JoinTrial> =>
  JoinTrial.open(intervalJoin(interval, pair, options));

const joined = (results: readonly HarnessResult[]): readonly JoinedRow[] =>
  results.map(({ value, time }) => {
    const [left, right] = value as Pair;
    return { left, right, time: time as number };
  });

/** How many events the state holds, as a checkpoint has them. */
async function kept(trial: JoinTrial): Promise<{ readonly left: number; readonly right: number }> {
  const entries = await trial.entries();
  const rowsOf = (state: string): number =>
    entries.reduce(
      (sum, [name, , , rows]) => sum + (name === state ? (rows as ReadonlyMap<number, unknown>).size : 0),
      0,
    );
  return { left: rowsOf("left rows"), right: rowsOf("right rows") };
}

const shown = (rows: readonly JoinedRow[]): readonly string[] =>
  rows.map(({ left = "-", right = "-", time }) => `${left}${right}@${time}`).toSorted();

const steps = joinSteps({ keys: ["a", "b", "c"], timeMax: 60, watermarkMax: 80, watermarks: 2, lengthMax: 60 });

describe("any streams, however late and disordered, restored anywhere", () => {
  test.each(["inner", "left", "right", "full"] satisfies JoinType[])(
    "give the pairs, the events alone and the state of the %s reference",
    async (type) => {
      await fc.assert(
        fc.asyncProperty(
          steps,
          fc.tuple(fc.integer({ min: -20, max: 20 }), fc.nat(25)),
          async (drawn, [lower, width]) => {
            const upper = lower + width;
            const reference = new IntervalJoinReference(type, lower, upper);
            const trial = await openJoin({ lower, upper }, { type });
            let late: readonly unknown[] = [];
            for (const step of [...drawn, { kind: "watermark", time: 1_000 } as const]) {
              if (step.kind === "restore") late = [...late, ...trial.late];

              const results = await trial.step(step);

              expect(shown(joined(results))).toEqual(shown(reference.step(step)));
              // V3
              const passed =
                trial.harness.watermarks.at(step.kind === "watermark" ? -2 : -1)?.time ?? Number.NEGATIVE_INFINITY;
              for (const { time } of results) expect(time).toBeGreaterThan(passed);
            }
            expect([...late, ...trial.late]).toEqual(reference.late);
            expect(await kept(trial)).toEqual({ left: reference.kept(0), right: reference.kept(1) });
          },
        ),
        { numRuns: 150, seed: 7 },
      );
    },
  );

  test("keep what a checkpoint says they keep, after every step", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const reference = new IntervalJoinReference("full", -7, 12);
        const trial = await openJoin({ lower: -7, upper: 12 }, { type: "full" });
        for (const step of drawn) {
          reference.step(step);

          await trial.step(step);

          expect(await kept(trial)).toEqual({ left: reference.kept(0), right: reference.kept(1) });
        }
      }),
      { numRuns: 60, seed: 11 },
    );
  });
});

test("an event leaves, and is told to be alone, when event time has come to the last moment of a partner", async () => {
  const trial = await openJoin({ lower: "-2s", upper: "5s" }, { type: "full" });
  trial.left("l", 10_000);
  trial.right("r", 20_000);

  trial.harness.watermark(14_999);
  expect([joined(trial.take()), await kept(trial)]).toEqual([[], { left: 1, right: 1 }]);
  trial.harness.watermark(15_000);
  expect([joined(trial.take()), await kept(trial)]).toMatchObject([
    [{ left: "l", time: 10_000 }],
    { left: 0, right: 1 },
  ]);
  trial.harness.watermark(22_000);

  expect([joined(trial.take()), await kept(trial)]).toMatchObject([
    [{ right: "r", time: 20_000 }],
    { left: 0, right: 0 },
  ]);
});

test("events alone leave in the order of the moments at which they are due, over all keys and both sides", async () => {
  const trial = await openJoin({ lower: -30, upper: 10 }, { type: "full" });
  trial.left("late left", 40, "a");
  trial.right("right", 15, "b");
  trial.left("early left", 20, "a");
  trial.left("last left", 41, "c");

  trial.harness.watermark(100);

  expect(joined(trial.take()).map(({ left, right }) => left ?? right)).toEqual([
    "early left",
    "right",
    "late left",
    "last left",
  ]);
});

test("event time is passed on as much later as an event without a partner has to wait", async () => {
  const passed = async (type: JoinType) => {
    const trial = await openJoin({ lower: -30, upper: 10 }, { type });
    trial.harness.watermark(100);
    trial.harness.watermark(200, true);
    await trial.harness.end();
    return trial.harness.watermarks.map(({ time, isIdle }) => (isIdle ? `${time} idle` : time));
  };

  const all = await Promise.all((["inner", "left", "right", "full"] as const).map(passed));

  expect(all).toEqual([
    [100, "200 idle", Number.POSITIVE_INFINITY],
    [90, "190 idle", Number.POSITIVE_INFINITY],
    [70, "170 idle", Number.POSITIVE_INFINITY],
    [70, "170 idle", Number.POSITIVE_INFINITY],
  ]);
});

test("an event at or before the watermark is late, and one directly behind it is not", async () => {
  const trial = await openJoin({ lower: -100, upper: 100 });
  trial.left("l", 50);
  trial.harness.watermark(40);

  for (const time of [39, 40, 41]) trial.right(`r${time}`, time);

  expect(trial.harness.results().late).toEqual([
    { value: "r39", time: 39 },
    { value: "r40", time: 40 },
  ]);
  expect(shown(joined(trial.take()))).toEqual(["lr41@50"]);
});

test("an interval without an end keeps the events of one side until the end", async () => {
  const trial = await openJoin({ lower: 0, upper: Number.POSITIVE_INFINITY });
  trial.left("l", 10);
  trial.harness.watermark(1e15);
  trial.right("r", 2e15);
  expect([shown(joined(trial.take())), await kept(trial)]).toEqual([["lr@2000000000000000"], { left: 1, right: 1 }]);

  await trial.harness.end();

  expect(trial.harness.watermarks.at(-1)?.time).toBe(Number.POSITIVE_INFINITY);
});

test("an event that has had a partner is known to have had one behind a restore", async () => {
  const trial = await openJoin({ lower: 0, upper: 10 }, { type: "left" });
  trial.left("l", 10);
  await trial.restore();
  trial.right("r", 12);
  await trial.restore();

  trial.harness.watermark(100);

  expect(trial.take()).toEqual([]);
});

test("an event whose pair cannot be made has changed nothing", async () => {
  const join = (left: string | undefined, right: string | undefined) => {
    if (right === "poison" && left === "b") throw new RangeError("no pair");
    return [left, right] as const;
  };
  const harness = await OperatorHarness.open<string>(intervalJoin({ lower: -5, upper: 5 }, join, { type: "left" }));
  harness.feed([
    { value: "a", time: 10, key: "k" },
    { value: "b", time: 11, key: "k" },
  ]);

  harness.feed([{ value: "poison", time: 12, key: "k" }], 1);
  harness.feed([{ value: "c", time: 13, key: "k" }]);
  harness.watermark(100);

  expect(harness.values()).toEqual([
    ["a", undefined],
    ["b", undefined],
    ["c", undefined],
  ]);
  expect(harness.deadLetters).toEqual([{ value: "poison", error: expect.any(RangeError) }]);
});

test("an event that cannot be told to be alone is given up, and those behind it are not", async () => {
  const join = (left: string | undefined, right: string | undefined) => {
    if (left === "poison") throw new RangeError("alone");
    return [left, right];
  };
  const harness = await OperatorHarness.open<string>(intervalJoin({ lower: 0, upper: 5 }, join, { type: "left" }));
  harness.feed(["poison", "good"].map((value, index) => ({ value, time: 10 + index, key: "k" })));

  harness.watermark(100);

  expect(harness.values()).toEqual([["good", undefined]]);
  expect(harness.deadLetters).toEqual([{ value: "poison", error: expect.any(RangeError) }]);
});

test("one event too many of a key is given up, and those of other keys are not", async () => {
  const trial = await openJoin({ lower: 0, upper: 5 }, { rowsPerKeyMax: 2 });

  for (const value of ["1", "2", "3"]) trial.left(value, 10);
  trial.left("other", 10, "other");
  trial.harness.watermark(20);
  trial.left("4", 30);

  expect(trial.harness.deadLetters).toMatchObject([{ value: "3", error: { code: "ERR_ACT_JOIN_ROWS" } }]);
});

test("an event without event time is given up", async () => {
  const harness = await OperatorHarness.open<string>(intervalJoin({ lower: 0, upper: 5 }, pair));

  harness.feed([{ value: "when?", key: "k" }]);

  expect(harness.deadLetters).toMatchObject([{ value: "when?", error: { code: "ERR_ACT_EVENT_TIME" } }]);
});

test("events of an inner join that becomes an outer one count as if they had had a partner", async () => {
  const interval = { lower: 0, upper: 10 };
  const outer = intervalJoin(interval, pair, { type: "left" });
  const trial = await openJoin(interval);
  trial.left("before", 10);
  await trial.restore(outer);
  trial.left("behind", 11);
  await trial.restore(outer);

  trial.harness.watermark(100);

  expect(shown(joined(trial.take()))).toEqual(["behind-@11"]);
});

describe("refuses", () => {
  const refused = (interval: JoinIntervalOptions, options?: JoinOptions, join: unknown = pair) => {
    return () => intervalJoin(interval, join as typeof pair, options);
  };

  test.each<[string, JoinIntervalOptions, JoinOptions?]>([
    ["bounds that are upside down", { lower: "1s", upper: "-1s" }],
    ["an interval that is empty without its bounds", { lower: 0, upper: 1, excludeLower: true, excludeUpper: true }],
    ["an interval behind all time", { lower: Number.POSITIVE_INFINITY, upper: Number.POSITIVE_INFINITY }],
    ["an outer join without an end", { lower: 0, upper: Number.POSITIVE_INFINITY }, { type: "left" }],
    ["an outer join without a beginning", { lower: Number.NEGATIVE_INFINITY, upper: 0 }, { type: "full" }],
  ])("%s", (_, interval, options) => {
    expect(refused(interval, options)).toThrow(expect.objectContaining({ code: "ERR_ACT_JOIN_INTERVAL" }));
  });

  test.each<[string, unknown, unknown?]>([
    ["a bound that is no duration", { lower: "soon", upper: 0 }],
    ["a bound of less than a millisecond", { lower: 0, upper: 0.5 }],
    ["a bound that is missing", { upper: 0 }],
    ["an exclusion that is none", { lower: 0, upper: 1, excludeLower: "yes" }],
    ["an interval that is none", undefined],
    ["a type that is none", { lower: 0, upper: 1 }, { type: "outer" }],
    ["a limit that is none", { lower: 0, upper: 1 }, { rowsPerKeyMax: 0 }],
  ])("%s", (_, interval, options) => {
    expect(refused(interval as JoinIntervalOptions, options as JoinOptions)).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
  });

  test("a function that is async", () => {
    expect(refused({ lower: 0, upper: 1 }, {}, async () => 1)).toThrow(
      expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }),
    );
  });
});
