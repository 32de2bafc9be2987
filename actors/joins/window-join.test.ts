import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta } from "../epochs/state-delta.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { Window } from "../windows/aligned-windows.ts";
import { calendar, counting, session, sliding, tumbling, type WindowAssigner } from "../windows/window-assigner.ts";
import type { JoinStep } from "./fixtures/join-reference.ts";
import { type ReferenceWindows, WindowJoinReference } from "./fixtures/window-join-reference.ts";
import type { JoinOptions } from "./join-logic.ts";
import type { JoinType } from "./join-type.ts";
import { type WindowJoined, windowJoin } from "./window-join.ts";

type Joined = WindowJoined<string, readonly [string | undefined, string | undefined]>;

const pair = (left: string | undefined, right: string | undefined) => [left, right] as const;

/** A join under test, with all that its snapshots have said. */
class JoinTrial {
  readonly #assigner: WindowAssigner<never>;
  readonly #options: JoinOptions;
  readonly #deltas: Uint8Array[] = [];
  harness!: OperatorHarness<string, Joined>;
  #seen = 0;

  private constructor(assigner: WindowAssigner<never>, options: JoinOptions) {
    this.#assigner = assigner;
    this.#options = options;
  }

  static async open(assigner: WindowAssigner<never>, options: JoinOptions = {}): Promise<JoinTrial> {
    const trial = new JoinTrial(assigner, options);
    await trial.#open();
    return trial;
  }

  left(value: string, time: number, key = "k"): void {
    this.harness.feed([{ value, time, key }]);
  }

  right(value: string, time: number, key = "k"): void {
    this.harness.feed([{ value, time, key }], 1);
  }

  async step(step: JoinStep): Promise<readonly string[]> {
    if (step.kind === "watermark") this.harness.watermark(step.time);
    else if (step.kind === "event") this.harness.feed([step], step.side);
    else await this.restore();
    return this.take();
  }

  /** The results since the call before. */
  take(): readonly string[] {
    const results = this.harness.results().main ?? [];
    const fresh = results.slice(this.#seen);
    this.#seen = results.length;
    return fresh.map(({ value, time }) => {
      const { key, window, value: both } = value as Joined;
      return `${key} [${window.start}, ${window.end}) ${both[0] ?? "-"} ${both[1] ?? "-"} @${time}`;
    });
  }

  /** Pieces of state, as a checkpoint has them: events of both sides, and other things. */
  async kept(): Promise<{ readonly events: number; readonly others: number }> {
    await this.#barrier();
    let [events, others] = [0, 0];
    for (const [, , , value] of mergedEntries(this.#deltas)) {
      if (value instanceof Map) events += value.size;
      else others += 1;
    }
    return { events, others };
  }

  /** Another operator goes on from the last snapshot. */
  async restore(): Promise<void> {
    await this.#barrier();
    const { watermarkTime } = this.harness.context;
    await this.#open();
    if (watermarkTime > Number.NEGATIVE_INFINITY) this.harness.watermark(watermarkTime);
  }

  async #barrier(): Promise<void> {
    this.#deltas.push(encodeDelta("join", await this.harness.barrier(this.#deltas.length + 1)));
  }

  async #open(): Promise<void> {
    const restore = { entries: mergedEntries(this.#deltas), epoch: this.#deltas.length };
    const spec = windowJoin(this.#assigner, pair, this.#options);
    this.harness = await OperatorHarness.open(spec, { guarantee: "exactly-once", restore });
    this.#seen = 0;
  }
}

const lateOf = ({ harness }: JoinTrial): readonly unknown[] => (harness.results().late ?? []).map(({ value }) => value);

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("event" as const),
        side: fc.constantFrom(0 as const, 1 as const),
        key: fc.constantFrom("a", "b"),
        time: fc.nat(80),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("watermark" as const), time: fc.integer({ min: -5, max: 90 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "restore" as const }) },
  ),
  { maxLength: 50 },
);

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
            const trial = await JoinTrial.open(kind[0], { type });
            let late: readonly unknown[] = [];
            let watermark = Number.NEGATIVE_INFINITY;
            for (const [number, given] of drawn.entries()) {
              if (given.kind === "watermark") watermark = Math.max(watermark, given.time);
              const step: JoinStep =
                given.kind === "event"
                  ? { ...given, value: `${given.side === 0 ? "l" : "r"}${number}` }
                  : given.kind === "watermark"
                    ? { ...given, time: watermark }
                    : given;
              if (step.kind === "restore") late = [...late, ...lateOf(trial)];

              const results = await trial.step(step);

              expect(results.toSorted()).toEqual(reference.step(step).toSorted());
              if (step.kind === "restore") expect((await trial.kept()).events).toBe(reference.kept);
            }
            expect((await trial.kept()).events).toBe(reference.kept);
            const last = { kind: "watermark", time: 1_000 } as const;
            expect((await trial.step(last)).toSorted()).toEqual(reference.step(last).toSorted());
            expect([...late, ...lateOf(trial)]).toEqual(reference.late);
            expect(await trial.kept()).toEqual({ events: 0, others: 0 });
          }),
          { numRuns: 100, seed: 5 },
        );
      },
    );
  },
);

test("all pairs of a window come when event time has reached its last moment", async () => {
  const trial = await JoinTrial.open(tumbling("5m"));
  trial.left("l1", 0);
  trial.left("l2", 299_999);
  trial.right("r", 150_000);
  trial.right("next window", 300_000);
  trial.right("other key", 1, "other");

  trial.harness.watermark(299_998);
  expect(trial.take()).toEqual([]);
  trial.harness.watermark(299_999);

  expect(trial.take()).toEqual(["k [0, 300000) l1 r @299999", "k [0, 300000) l2 r @299999"]);
  expect(trial.harness.watermarks.at(-1)).toEqual({ time: 299_999, isIdle: false });
});

test("windows come in the order of their ends, over all keys", async () => {
  const trial = await JoinTrial.open(session(10), { type: "full" });
  trial.left("second", 30, "a");
  trial.right("first", 20, "b");
  trial.left("third", 50, "b");

  trial.harness.watermark(100);

  expect(trial.take().map((line) => line.split(" ")[3])).toEqual(["-", "second", "third"]);
});

test("a window of a calendar follows its clocks", async () => {
  const trial = await JoinTrial.open(calendar("day", "Europe/Berlin"));
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
  const trial = await JoinTrial.open(tumbling(10), { rowsPerKeyMax: 2 });
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
  const trial = await JoinTrial.open(session<string>(() => "soon" as never));

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
