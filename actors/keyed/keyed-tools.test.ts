import { describe, expect, test } from "vitest";
import { aggregate } from "../aggregates/aggregate-record.ts";
import { collect } from "../aggregates/collected.ts";
import { count, sum } from "../aggregates/totals.ts";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import type { OperatorSpec } from "../operator.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { changes } from "./changes.ts";
import { type DedupeOptions, dedupe } from "./dedupe.ts";
import { runningAggregate } from "./running-aggregate.ts";

type Fed = readonly [key: string, value: unknown, time?: number];

/** An operator that is taken down and started from its last snapshot whenever a test says so. */
class Runs {
  readonly #spec: OperatorSpec;
  readonly #deltas: Uint8Array[] = [];
  #values: unknown[] = [];
  harness!: OperatorHarness;

  static async start(spec: OperatorSpec): Promise<Runs> {
    const runs = new Runs(spec);
    runs.harness = await OperatorHarness.open(spec, { guarantee: "exactly-once" });
    return runs;
  }

  private constructor(spec: OperatorSpec) {
    this.#spec = spec;
  }

  feed(...events: readonly Fed[]): void {
    this.harness.feed(events.map(([key, value, time]) => (time === undefined ? { key, value } : { key, value, time })));
  }

  async restart(): Promise<void> {
    await this.snapshot();
    const { harness } = this;
    this.#values = this.values();
    this.harness = await OperatorHarness.open(this.#spec, {
      guarantee: "exactly-once",
      clock: harness.clock,
      restore: { entries: this.entries(), epoch: 1 },
    });
    this.harness.context.watermarkTime = harness.context.watermarkTime;
  }

  async snapshot(): Promise<void> {
    this.#deltas.push(encodeDelta("under test", await this.harness.barrier(this.#deltas.length + 1)));
  }

  entries(): readonly StateEntry[] {
    return mergedEntries(this.#deltas);
  }

  /** What it has emitted, over all restarts. */
  values(): unknown[] {
    return [...this.#values, ...this.harness.values()];
  }
}

describe("dedupe", () => {
  const idOf = (text: unknown): string => String(text).slice(0, 1);

  test("by event time passes on the first of each id and key, and what comes when its time is over", async () => {
    const runs = await Runs.start(dedupe({ by: idOf, within: 100 }));

    runs.feed(["k", "a1", 1_000], ["k", "a2", 1_050], ["k", "b1", 1_050], ["l", "a1", 1_050]);
    await runs.restart();
    runs.feed(["k", "a3", 1_099], ["k", "a4", 1_100], ["k", "a5", 1_199], ["k", "a6", 900]);

    expect(runs.values()).toEqual(["a1", "b1", "a1", "a4"]);
    expect(runs.harness.results().main).toEqual([{ value: "a4", time: 1_100 }]);
    await runs.harness.close();
  });

  test("what comes behind the watermark is late, and no id of it is remembered", async () => {
    const runs = await Runs.start(dedupe({ by: idOf, within: 100 }));
    runs.harness.watermark(1_000);

    runs.feed(["k", "a1", 1_000], ["k", "a2", 1_001]);

    expect(runs.values()).toEqual(["a2"]);
    expect(runs.harness.results().late).toMatchObject([{ value: "a1" }]);
    await runs.harness.close();
  });

  test("its state holds the ids of the time, and no more", async () => {
    const runs = await Runs.start(dedupe({ by: (value) => value as number, within: 100 }));
    for (let number = 0; number < 1_000; number += 1) {
      runs.feed(["k", number, number]);
      runs.harness.watermark(number);
    }
    await runs.snapshot();

    const ids = runs.entries().find(([name]) => name === "passed-by-id")?.[3] as Map<number, true>;
    expect(ids.size).toBeGreaterThanOrEqual(100);
    expect(ids.size).toBeLessThan(150);
    await runs.harness.close();
  });

  test("by processing time counts on the wall clock; without ids all events of a key are the same", async () => {
    const runs = await Runs.start(dedupe({ within: "1s", time: "processing" }));

    runs.feed(["k", 1], ["k", 2], ["l", 3]);
    await runs.harness.advance(999);
    await runs.restart();
    runs.feed(["k", 4]);
    await runs.harness.advance(1);
    runs.feed(["k", 5]);

    expect(runs.values()).toEqual([1, 3, 5]);
    await runs.harness.close();
  });

  test.each<[string, DedupeOptions<unknown>, Fed, string]>([
    ["an event without event time", { within: 1 }, ["k", 1], "ERR_ACT_DEDUPE"],
    ["an id that is none", { by: () => ({}) as never, within: 1, time: "processing" }, ["k", 1], "ERR_ACT_KEY"],
  ])("%s is given up by its code", async (_, options, event, code) => {
    const runs = await Runs.start(dedupe(options));

    runs.feed(event);

    expect(runs.harness.deadLetters).toMatchObject([{ value: 1, error: { code } }]);
    expect(runs.values()).toEqual([]);
    await runs.harness.close();
  });

  test.each<[string, unknown, string]>([
    ["no options", undefined, "ERR_RT_OPTION"],
    ["no time", {}, "ERR_RT_OPTION"],
    ["a time of nothing", { within: 0 }, "ERR_RT_OPTION"],
    ["another clock", { within: 1, time: "wall" }, "ERR_RT_OPTION"],
    ["an id that is no function", { within: 1, by: "id" }, "ERR_RT_OPTION"],
    ["an async id", { within: 1, by: async () => 1 }, "ERR_ACT_ASYNC_FUNCTION"],
  ])("%s is refused when the job is built", (_, options, code) => {
    expect(() => dedupe(options as never)).toThrow(expect.objectContaining({ code }));
  });
});

describe("changes", () => {
  test("passes on what differs from what it passed on before, by key and over a restart", async () => {
    const runs = await Runs.start(changes((before, event) => before === event));

    runs.feed(["k", 1], ["k", 1], ["l", 1], ["k", undefined], ["k", undefined], ["k", 1]);
    await runs.restart();
    runs.feed(["k", 1], ["k", 2]);

    expect(runs.values()).toEqual([1, 1, undefined, 1, 2]);
    await runs.harness.close();
  });

  test("notices what creeps away in small steps", async () => {
    const runs = await Runs.start(changes<number>((before, event) => Math.abs(before - event) < 10));

    runs.feed(...Array.from({ length: 30 }, (_, index): Fed => ["k", index * 4]));

    expect(runs.values()).toEqual([0, 12, 24, 36, 48, 60, 72, 84, 96, 108]);
    await runs.harness.close();
  });

  test("with a time to live a key begins anew", async () => {
    const runs = await Runs.start(changes(() => true, { ttl: "1s" }));

    runs.feed(["k", 1], ["k", 2]);
    await runs.harness.advance(1_000);
    runs.feed(["k", 3]);

    expect(runs.values()).toEqual([1, 3]);
    await runs.harness.close();
  });

  test("what is no function, or no option, is refused when the job is built", () => {
    expect(() => changes("equal" as never)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
    expect(() => changes(() => true, { ttl: "soon" as never })).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
    expect(() => changes((async () => true) as never)).toThrow(
      expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }),
    );
  });
});

describe("aggregate", () => {
  const totalOf = sum((value: number) => value);
  const totals = () => runningAggregate(aggregate({ n: count(), sum: sum((value: number) => value) }));

  test("tells after each event what all of its key make, over a restart", async () => {
    const runs = await Runs.start(totals());

    runs.feed(["k", 1], ["l", 10], ["k", 2]);
    await runs.restart();
    runs.feed(["k", 3]);

    expect(runs.values()).toEqual([
      { key: "k", value: { n: 1, sum: 1 } },
      { key: "l", value: { n: 1, sum: 10 } },
      { key: "k", value: { n: 2, sum: 3 } },
      { key: "k", value: { n: 3, sum: 6 } },
    ]);
    await runs.harness.close();
  });

  test("an event that the aggregate refuses has changed nothing", async () => {
    const runs = await Runs.start(totals());

    runs.feed(["k", 1], ["k", "two"], ["k", 3]);

    expect(runs.values()).toMatchObject([{ value: { n: 1 } }, { value: { n: 2, sum: 4 } }]);
    expect(runs.harness.deadLetters).toMatchObject([{ value: "two", error: { code: "ERR_ACT_AGGREGATE_VALUE" } }]);
    await runs.harness.close();
  });

  test("tells once per batch and key, over a restart", async () => {
    const runs = await Runs.start(runningAggregate(collect<number>(), { emit: "batch" }));

    runs.feed(["k", 1], ["l", 10], ["k", 2]);
    await runs.restart();
    runs.feed(["k", 3], ["k", 4]);

    expect(runs.values()).toEqual([
      { key: "k", value: [1, 2] },
      { key: "l", value: [10] },
      { key: "k", value: [1, 2, 3, 4] },
    ]);
    await runs.harness.close();
  });

  test("tells once per key at the end, without the events that it refused", async () => {
    const runs = await Runs.start(runningAggregate(totalOf, { emit: "end" }));

    runs.feed(["k", 1], ["l", 2], ["k", "three"], ["k", 4]);
    const { harness } = runs;
    const before = harness.values();
    await harness.end();

    expect(before).toEqual([]);
    expect(harness.values()).toEqual([
      { key: "k", value: 5 },
      { key: "l", value: 2 },
    ]);
    expect(harness.deadLetters).toMatchObject([{ value: "three", error: { code: "ERR_ACT_AGGREGATE_VALUE" } }]);
  });

  test("what is no aggregate, or no option, is refused when the job is built", () => {
    expect(() => runningAggregate(count(), { emit: "batch", ttl: "1h" })).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
    expect(() => runningAggregate(count(), { emit: "often" as "each" })).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
    expect(() => runningAggregate({ create: () => 0 } as never)).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
    expect(() => runningAggregate(count(), { ttlFrom: "read" })).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
  });
});
