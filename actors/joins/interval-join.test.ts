import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergedState } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import { IntervalJoinReference, type JoinedRow, type JoinStep } from "./fixtures/join-reference.ts";
import { intervalJoin } from "./interval-join.ts";
import type { JoinIntervalOptions } from "./join-interval.ts";
import type { JoinOptions } from "./join-logic.ts";
import type { JoinType } from "./join-type.ts";

type Pair = readonly [left: string | undefined, right: string | undefined];

const pair = (left: string | undefined, right: string | undefined): Pair => [left, right];

/** A join under test, with all that its snapshots have said. */
class JoinTrial {
  readonly #interval: JoinIntervalOptions;
  readonly #options: JoinOptions;
  readonly #deltas: Uint8Array[] = [];
  #harness!: OperatorHarness<string, Pair>;
  #epoch = 0;
  #seen = 0;

  private constructor(interval: JoinIntervalOptions, options: JoinOptions) {
    this.#interval = interval;
    this.#options = options;
  }

  static async open(interval: JoinIntervalOptions, options: JoinOptions = {}): Promise<JoinTrial> {
    const trial = new JoinTrial(interval, options);
    await trial.#open();
    return trial;
  }

  get harness(): OperatorHarness<string, Pair> {
    return this.#harness;
  }

  left(value: string, time: number, key = "k"): void {
    this.#harness.feed([{ value, time, key }], 0);
  }

  right(value: string, time: number, key = "k"): void {
    this.#harness.feed([{ value, time, key }], 1);
  }

  async step(step: JoinStep): Promise<readonly JoinedRow[]> {
    if (step.kind === "watermark") this.#harness.watermark(step.time);
    else if (step.kind === "event") this.#harness.feed([step], step.side);
    else await this.restore();
    return this.take();
  }

  /** The results since the call before. */
  take(): readonly JoinedRow[] {
    const results = this.#harness.results().main ?? [];
    const fresh = results.slice(this.#seen);
    this.#seen = results.length;
    return fresh.map(({ value, time }) => {
      const [left, right] = value as Pair;
      return { left, right, time: time as number };
    });
  }

  /** How many events the state holds, as a checkpoint has them. */
  async kept(): Promise<{ readonly left: number; readonly right: number }> {
    await this.#barrier();
    const state = mergedState(this.#deltas);
    const rowsOf = (name: string): number =>
      state
        .filter((group) => group.name === name)
        .flatMap(({ values }) => [...values.values()])
        .reduce<number>((sum, rows) => sum + (rows as ReadonlyMap<number, unknown>).size, 0);
    return { left: rowsOf("left rows"), right: rowsOf("right rows") };
  }

  /** Another operator goes on from the last snapshot. */
  async restore(options = this.#options): Promise<void> {
    await this.#barrier();
    const watermark = this.#harness.watermarks.length > 0 ? this.#harness.context.watermarkTime : undefined;
    const entries = mergedState(this.#deltas).flatMap(({ name, form, values }) =>
      [...values].map(([key, value]): StateEntry => [name, key, true, value, form]),
    );
    await this.#open(options, entries);
    if (watermark !== undefined) this.#harness.watermark(watermark);
  }

  async #barrier(): Promise<void> {
    this.#epoch += 1;
    this.#deltas.push(encodeDelta("join", await this.#harness.barrier(this.#epoch)));
  }

  async #open(options = this.#options, entries: readonly StateEntry[] = []): Promise<void> {
    const harnessOptions: OperatorHarnessOptions = {
      guarantee: "exactly-once",
      restore: { entries, epoch: this.#epoch },
    };
    this.#harness = await OperatorHarness.open(intervalJoin(this.#interval, pair, options), harnessOptions);
    this.#seen = 0;
  }
}

const shown = (rows: readonly JoinedRow[]): readonly string[] =>
  rows.map(({ left = "-", right = "-", time }) => `${left}${right}@${time}`).toSorted();

const lateOf = ({ harness }: JoinTrial): readonly unknown[] => (harness.results().late ?? []).map(({ value }) => value);

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("event" as const),
        side: fc.constantFrom(0 as const, 1 as const),
        key: fc.constantFrom("a", "b", "c"),
        time: fc.nat(60),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("watermark" as const), time: fc.integer({ min: -5, max: 80 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "restore" as const }) },
  ),
  { maxLength: 60 },
);

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
            const trial = await JoinTrial.open({ lower, upper }, { type });
            let late: readonly unknown[] = [];
            let watermark = Number.NEGATIVE_INFINITY;
            for (const [number, given] of [...drawn, { kind: "watermark", time: 1_000 } as const].entries()) {
              if (given.kind === "watermark") watermark = Math.max(watermark, given.time);
              const moved = given.kind === "watermark" ? { ...given, time: watermark } : given;
              const step: JoinStep =
                moved.kind === "event" ? { ...moved, value: `${moved.side ? "r" : "l"}${number}` } : moved;
              if (step.kind === "restore") late = [...late, ...lateOf(trial)];

              const results = await trial.step(step);

              expect(shown(results)).toEqual(shown(reference.step(step)));
              // V3
              const passed =
                trial.harness.watermarks.at(step.kind === "watermark" ? -2 : -1)?.time ?? Number.NEGATIVE_INFINITY;
              for (const { time } of results) expect(time).toBeGreaterThan(passed);
            }
            expect([...late, ...lateOf(trial)]).toEqual(reference.late);
            expect(await trial.kept()).toEqual({ left: reference.kept(0), right: reference.kept(1) });
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
        const trial = await JoinTrial.open({ lower: -7, upper: 12 }, { type: "full" });
        let watermark = Number.NEGATIVE_INFINITY;
        for (const [number, given] of drawn.entries()) {
          if (given.kind === "watermark") watermark = Math.max(watermark, given.time);
          const step: JoinStep =
            given.kind === "event"
              ? { ...given, value: `${number}` }
              : given.kind === "watermark"
                ? { ...given, time: watermark }
                : given;
          reference.step(step);

          await trial.step(step);

          expect(await trial.kept()).toEqual({ left: reference.kept(0), right: reference.kept(1) });
        }
      }),
      { numRuns: 60, seed: 11 },
    );
  });
});

test("an event leaves, and is told to be alone, when event time has come to the last moment of a partner", async () => {
  const trial = await JoinTrial.open({ lower: "-2s", upper: "5s" }, { type: "full" });
  trial.left("l", 10_000);
  trial.right("r", 20_000);

  trial.harness.watermark(14_999);
  expect([trial.take(), await trial.kept()]).toEqual([[], { left: 1, right: 1 }]);
  trial.harness.watermark(15_000);
  expect([trial.take(), await trial.kept()]).toMatchObject([[{ left: "l", time: 10_000 }], { left: 0, right: 1 }]);
  trial.harness.watermark(22_000);

  expect([trial.take(), await trial.kept()]).toMatchObject([[{ right: "r", time: 20_000 }], { left: 0, right: 0 }]);
});

test("events alone leave in the order of the moments at which they are due, over all keys and both sides", async () => {
  const trial = await JoinTrial.open({ lower: -30, upper: 10 }, { type: "full" });
  trial.left("late left", 40, "a");
  trial.right("right", 15, "b");
  trial.left("early left", 20, "a");
  trial.left("last left", 41, "c");

  trial.harness.watermark(100);

  expect(trial.take().map(({ left, right }) => left ?? right)).toEqual([
    "early left",
    "right",
    "late left",
    "last left",
  ]);
});

test("event time is passed on as much later as an event without a partner has to wait", async () => {
  const passed = async (type: JoinType) => {
    const trial = await JoinTrial.open({ lower: -30, upper: 10 }, { type });
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
  const trial = await JoinTrial.open({ lower: -100, upper: 100 });
  trial.left("l", 50);
  trial.harness.watermark(40);

  for (const time of [39, 40, 41]) trial.right(`r${time}`, time);

  expect(trial.harness.results().late).toEqual([
    { value: "r39", time: 39 },
    { value: "r40", time: 40 },
  ]);
  expect(shown(trial.take())).toEqual(["lr41@50"]);
});

test("an interval without an end keeps the events of one side until the end", async () => {
  const trial = await JoinTrial.open({ lower: 0, upper: Number.POSITIVE_INFINITY });
  trial.left("l", 10);
  trial.harness.watermark(1e15);
  trial.right("r", 2e15);
  expect([shown(trial.take()), await trial.kept()]).toEqual([["lr@2000000000000000"], { left: 1, right: 1 }]);

  await trial.harness.end();

  expect(trial.harness.watermarks.at(-1)?.time).toBe(Number.POSITIVE_INFINITY);
});

test("an event that has had a partner is known to have had one behind a restore", async () => {
  const trial = await JoinTrial.open({ lower: 0, upper: 10 }, { type: "left" });
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
  const trial = await JoinTrial.open({ lower: 0, upper: 5 }, { rowsPerKeyMax: 2 });

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
  const trial = await JoinTrial.open({ lower: 0, upper: 10 });
  trial.left("before", 10);
  await trial.restore({ type: "left" });
  trial.left("behind", 11);
  await trial.restore({ type: "left" });

  trial.harness.watermark(100);

  expect(shown(trial.take())).toEqual(["behind-@11"]);
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
