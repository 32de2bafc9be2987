import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HarnessResult } from "../testing/harness-output.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { Window } from "../windows/aligned-windows.ts";
import { calendar, counting, session, sliding, tumbling, type WindowAssigner } from "../windows/window-assigner.ts";
import { joinSteps } from "./fixtures/join-steps.ts";
import { JoinTrial } from "./fixtures/join-trial.ts";
import { type ReferenceWindows, WindowJoinReference } from "./fixtures/window-join-reference.ts";
import type { JoinOptions } from "./join-logic.ts";
import type { JoinType } from "./join-type.ts";
import { type WindowJoined, windowJoin } from "./window-join.ts";

type Joined = WindowJoined<string, readonly [string | undefined, string | undefined]>;

const pair = (left: string | undefined, right: string | undefined) => [left, right] as const;

const openJoin = (assigner: WindowAssigner<never>, options: JoinOptions = {}): Promise<JoinTrial> =>
  JoinTrial.open(windowJoin(assigner, pair, options));

const shown = (results: readonly HarnessResult[]): readonly string[] =>
  results.map(({ value, time }) => {
    const { key, window, value: both } = value as Joined;
    return `${key} [${window.start}, ${window.end}) ${both[0] ?? "-"} ${both[1] ?? "-"} @${time}`;
  });

/** Pieces of state, as a checkpoint has them: events of both sides, and other things. */
async function kept(trial: JoinTrial): Promise<{ readonly events: number; readonly others: number }> {
  let [events, others] = [0, 0];
  for (const [, , , value] of await trial.entries()) {
    if (value instanceof Map) events += value.size;
    else others += 1;
  }
  return { events, others };
}

const steps = joinSteps({ keys: ["a", "b"], timeMax: 80, watermarkMax: 90, watermarks: 3, lengthMax: 50 });

/** Some events have a longer gap than others. */
const gapOf = (event: string): number => (event.endsWith("3") ? 21 : 7);

const kinds: Readonly<Record<string, readonly [WindowAssigner<never>, ReferenceWindows]>> = {
  tumbling: [tumbling(10, { offset: 3 }), { kind: "sliding", size: 10, slide: 10, offset: 3 }],
  "sliding, overlapping": [sliding(25, 10), { kind: "sliding", size: 25, slide: 10, offset: 0 }],
  "sliding with gaps": [sliding(6, 10), { kind: "sliding", size: 6, slide: 10, offset: 0 }],
  session: [session(9), { kind: "session", gap: () => 9, touching: false }],
  "session that merges what touches": [
    session(9, { touching: "merge" }),
    { kind: "session", gap: () => 9, touching: true },
  ],
  "session with gaps of its events": [session<string>(gapOf), { kind: "session", gap: gapOf, touching: false }],
};

describe.each(Object.entries(kinds))(
  "any streams, however late and disordered, restored anywhere: %s windows",
  (_, kind) => {
    test.each(["inner", "left", "right", "full"] satisfies JoinType[])(
      "give what the %s reference gives",
      async (type) => {
        await fc.assert(
          fc.asyncProperty(steps, async (drawn) => {
            const reference = new WindowJoinReference(type, kind[1]);
            const trial = await openJoin(kind[0], { type });
            let late: readonly unknown[] = [];
            for (const step of drawn) {
              if (step.kind === "restore") late = [...late, ...trial.late];

              const results = await trial.step(step);

              expect(shown(results).toSorted()).toEqual(reference.step(step).toSorted());
              if (step.kind === "restore") expect((await kept(trial)).events).toBe(reference.kept);
            }
            expect((await kept(trial)).events).toBe(reference.kept);
            const last = { kind: "watermark", time: 1_000 } as const;
            expect(shown(await trial.step(last)).toSorted()).toEqual(reference.step(last).toSorted());
            expect([...late, ...trial.late]).toEqual(reference.late);
            expect(await kept(trial)).toEqual({ events: 0, others: 0 });
          }),
          { numRuns: 100, seed: 5 },
        );
      },
    );
  },
);

test("all pairs of a window come when event time has reached its last moment", async () => {
  const trial = await openJoin(tumbling("5m"));
  trial.left("l1", 0);
  trial.left("l2", 299_999);
  trial.right("r", 150_000);
  trial.right("next window", 300_000);
  trial.right("other key", 1, "other");

  trial.harness.watermark(299_998);
  expect(trial.take()).toEqual([]);
  trial.harness.watermark(299_999);

  expect(shown(trial.take())).toEqual(["k [0, 300000) l1 r @299999", "k [0, 300000) l2 r @299999"]);
  expect(trial.harness.watermarks.at(-1)).toEqual({ time: 299_999, isIdle: false });
});

test("windows come in the order of their ends, over all keys", async () => {
  const trial = await openJoin(session(10), { type: "full" });
  trial.left("second", 30, "a");
  trial.right("first", 20, "b");
  trial.left("third", 50, "b");

  trial.harness.watermark(100);

  expect(shown(trial.take()).map((line) => line.split(" ")[3])).toEqual(["-", "second", "third"]);
});

test("a window of a calendar follows its clocks", async () => {
  const trial = await openJoin(calendar("day", "Europe/Berlin"));
  const atMs = (text: string) => new Date(text).getTime();
  // The day on which clocks go forward has 23 hours.
  trial.left("l", atMs("2026-03-29T00:30:00+01:00"));
  trial.right("r", atMs("2026-03-29T23:30:00+02:00"));
  trial.right("the day behind", atMs("2026-03-30T00:00:00+02:00"));

  trial.harness.watermark(atMs("2026-03-30T12:00:00+02:00"));

  const { window } = trial.harness.values()[0] as { readonly window: Window };
  expect([trial.harness.values().length, window.end - window.start]).toEqual([1, 23 * 3_600_000]);
});

test("a pair that cannot be made gives up its left event, and the others come", async () => {
  const join = (left: string | undefined, right: string | undefined) => {
    if (left === "poison" || (left === undefined && right === "alone")) throw new RangeError("no pair");
    return [left, right];
  };
  const harness = await OperatorHarness.open<string>(windowJoin(tumbling(10), join, { type: "full" }));
  harness.feed(["poison", "good"].map((value) => ({ value, time: 5, key: "k" })));
  harness.feed(
    [
      { value: "right", time: 5, key: "k" },
      { value: "alone", time: 15, key: "k" },
    ],
    1,
  );

  harness.watermark(100);

  expect(harness.values()).toMatchObject([{ value: ["good", "right"] }]);
  expect(harness.deadLetters.map(({ value }) => value)).toEqual(["poison", "alone"]);
});

test("one event too many of a key, and one without event time, are given up", async () => {
  const trial = await openJoin(tumbling(10), { rowsPerKeyMax: 2 });
  for (const value of ["1", "2", "3"]) trial.left(value, 5);
  trial.harness.feed([{ value: "when?", key: "k" }], 1);

  trial.right("r", 5);
  trial.harness.watermark(100);
  trial.left("4", 200);

  expect(trial.harness.values()).toHaveLength(2);
  expect(trial.harness.deadLetters).toMatchObject([
    { value: "3", error: { code: "ERR_ACT_JOIN_ROWS" } },
    { value: "when?", error: { code: "ERR_ACT_EVENT_TIME" } },
  ]);
});

test("an event whose session has no gap fails", async () => {
  const trial = await openJoin(session<string>(() => "soon" as never));

  trial.left("l", 5);

  expect(trial.harness.deadLetters).toMatchObject([{ value: "l", error: { code: "ERR_RT_OPTION" } }]);
});

test.each<[string, unknown, unknown?]>([
  ["windows without an end in event time", counting(3)],
  ["no windows", undefined],
  ["a type that is none", tumbling(10), { type: "outer" }],
  ["a limit that is none", tumbling(10), { rowsPerKeyMax: 0 }],
])("refuses %s", (_, assigner, options) => {
  expect(() => windowJoin(assigner as WindowAssigner, pair, options as JoinOptions)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION" }),
  );
});

test("an allowed lateness is refused: what a join has put out is final", () => {
  const options = { allowedLateness: "1m" } as JoinOptions;

  expect(() => windowJoin(tumbling("1h"), (left) => left, options)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining("final") as string }),
  );
});
