import { describe, expect, test } from "vitest";
import {
  type Aggregate,
  count,
  type EventDeadLetter,
  generate,
  instanceOfKey,
  session,
  sliding,
  sum,
  tumbling,
  type WindowAssigner,
} from "../actors/index.ts";
import { buildGraph, defineJob, type JobDefinition } from "./define-job.ts";
import type { Guarantee } from "./epochs/guarantee.ts";
import { explain } from "./explain.ts";
import { fingerprint } from "./fingerprint.ts";
import { sampleSink, sampleSource } from "./fixtures/sample-specs.ts";
import type { Job } from "./job-builder.ts";
import type { OperatorOptions } from "./operator-options.ts";
import type { OperatorSupervision } from "./operator-supervision.ts";
import { plan } from "./planner.ts";
import { preAggregated } from "./pre-aggregated-edges.ts";
import { crash, fail, poison } from "./simulation/fault.ts";
import type { PlannedFault } from "./simulation/fault-action.ts";
import { simulate } from "./simulation/simulate.ts";
import type { Simulation } from "./simulation/simulation.ts";

interface Load {
  readonly bridge: string;
  readonly at: number;
  readonly tons: number;
}

type Windows = (loads: ReturnType<typeof keyed>) => { collect(name: string): void };

function keyed(job: Job, options: OperatorOptions = {}) {
  return job
    .source("loads", sampleSource<Load>(), options)
    .eventTime("at", { time: ({ at }) => at })
    .keyBy(({ bridge }) => bridge);
}

/** Whether events are put together on their way to the operator "windows". */
function isPreAggregated(make: Windows, hostCount: number, options: OperatorOptions = {}): boolean {
  const graph = buildGraph(
    defineJob("loads", (job) => make(keyed(job, options)).collect("out")),
    undefined,
  );
  const windows = graph.nodes.find(({ name }) => name === "windows");
  const [edge] = graph.edges.filter(({ to }) => to === windows?.id);
  return preAggregated(edge!, graph, plan(graph, { hostCount })) !== undefined;
}

describe("events are put together on their way to windows", () => {
  test("on another thread", () => {
    expect(isPreAggregated((loads) => loads.window("windows", tumbling("1m"), count()), 2, { parallelism: 2 })).toBe(
      true,
    );
  });

  test.each<[string, Windows, number]>([
    ["the same thread", (loads) => loads.window("windows", tumbling("1m"), count()), 0],
    ["where they are", (loads) => loads.window("windows", session("1m"), count()), 2],
    [
      "one by one, as the author says",
      (loads) => loads.window("windows", tumbling("1m"), count(), { preAggregate: false }),
      2,
    ],
    [
      "in micro-batches",
      (loads) => loads.window("windows", tumbling("1m"), count(), { microBatch: { interval: "1s" } }),
      2,
    ],
    ["the same thread, told per batch", (loads) => loads.count("windows", { emit: "batch" }), 0],
  ])("but not: %s", (_, make, hostCount) => {
    expect(isPreAggregated(make, hostCount, { parallelism: 2 })).toBe(false);
  });

  test("or on the same thread, to what tells nothing before the end", () => {
    expect(isPreAggregated((loads) => loads.count("windows", { emit: "end" }), 0)).toBe(true);
    expect(isPreAggregated((loads) => loads.aggregate("windows", count(), { emit: "end" }), 1)).toBe(true);
  });

  test.each([
    [1, 2, true],
    [2, 2, false],
    [1, 0, false],
  ])("without keys, to %i instance of %i threads: %s", (parallelism, hostCount, expected) => {
    const graph = buildGraph(
      defineJob("loads", (job) => {
        job
          .source("loads", sampleSource<Load>(), { parallelism: 2 })
          .eventTime("at", { time: ({ at }) => at })
          .window("windows", tumbling("1m"), count(), { parallelism })
          .collect("out");
      }),
      undefined,
    );
    const edge = graph.edges.find(({ to }) => graph.nodes[to]?.name === "windows")!;

    expect(preAggregated(edge, graph, plan(graph, { hostCount })) !== undefined).toBe(expected);
  });

  test("but not where somebody takes what is late", () => {
    const takesLate: Windows = (loads) => {
      const results = loads.window("windows", tumbling("1m"), count());
      results.late().collect("late");
      return results;
    };

    expect(isPreAggregated(takesLate, 2, { parallelism: 2 })).toBe(false);
  });

  test("which a plan says, and which makes no other job of it", () => {
    const jobWith = (preAggregate: boolean) =>
      defineJob("loads", (job) =>
        keyed(job, { parallelism: 2 })
          .window("windows", tumbling("1m"), count(), { preAggregate })
          .sink("out", sampleSink()),
      );
    const graphs = [true, false].map((preAggregate) => buildGraph(jobWith(preAggregate), undefined));

    const [text, other] = graphs.map((graph) => explain(graph, plan(graph, { hostCount: 2 }), "text"));

    expect(text).toContain("key from at, pre-aggregated\n");
    expect(other).toContain("key from at\n");
    const [first, second] = graphs.map((graph) => fingerprint(graph));
    expect(first).toEqual(second);
  });
});

const items = Array.from({ length: 600 }, (_, index): Load => {
  return { bridge: `bridge ${(index * 7) % 5}`, at: 1_000 + index * 3 - ((index * 11) % 20), tons: index };
});

/** The weight of a load that cannot be added. */
const brokenScale = 300;
const tons = sum<Load>((load) => (load.tons === brokenScale ? Number.NaN : load.tons));

/** Sums over windows, of loads that are read again after a failure. */
function sums(
  preAggregate: boolean,
  aggregate: Aggregate<Load, unknown, unknown> = tons,
  windows: WindowAssigner<Load> = sliding(200, 100),
  supervision: OperatorSupervision = { messageRetries: 1 },
): JobDefinition<undefined> {
  return defineJob("sums", (job) => {
    job.supervision(supervision);
    const results = job
      .source("loads", generate({ count: items.length, rate: 10_000, from: (index) => items[index] as Load }))
      .eventTime("at", { time: ({ at }) => at, outOfOrderness: 20 })
      .keyBy(({ bridge }) => bridge)
      .window("windows", windows, aggregate, { parallelism: 2, preAggregate });
    results.collect("out");
    results.deadLetters().collect("letters");
  });
}

/** The same of all bridges together, from sources on two threads. */
function wholeSums(preAggregate: boolean, supervision: OperatorSupervision): JobDefinition<undefined> {
  return defineJob("whole-sums", (job) => {
    job.supervision(supervision);
    const results = job
      .source("loads", generate({ count: items.length, rate: 10_000, from: (index) => items[index] as Load }), {
        parallelism: 2,
      })
      .eventTime("at", { time: ({ at }) => at, outOfOrderness: 20 })
      .window("windows", sliding(200, 100), tons, { preAggregate });
    results.collect("out");
    results.deadLetters().collect("letters");
  });
}

const resuming = (preAggregate: boolean) => sums(preAggregate, tons, sliding(200, 100), "resume");

const options = { seed: 3, threads: 3, epochInterval: 5 };

async function run(job: JobDefinition<undefined>, guarantee: Guarantee, faults: readonly PlannedFault[] = []) {
  const simulation = await simulate(job, { ...options, guarantee, faults });
  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(simulation.struck).toHaveLength(faults.length);
  return simulation;
}

function resultsOf(simulation: Simulation): readonly string[] {
  return simulation
    .collected("out")
    .map((result) => JSON.stringify(result))
    .toSorted();
}

function lettersOf(simulation: Simulation): readonly EventDeadLetter[] {
  return simulation.collected<EventDeadLetter>("letters");
}

function windowsOf({ report }: Simulation) {
  const { in: taken, out, late, deadLetters } = report!.operators.find(({ name }) => name === "windows")!.total;
  return { taken, out, late, deadLetters };
}

describe.each(["exactly-once", "at-least-once", "at-most-once"] as const)("%s", (guarantee) => {
  test("results and counters are the same whether or not events are put together", async () => {
    const [folded, apart] = [await run(sums(true, count()), guarantee), await run(sums(false, count()), guarantee)];

    expect(resultsOf(folded)).toEqual(resultsOf(apart));
    expect(windowsOf(folded)).toEqual({ ...windowsOf(apart), taken: items.length });
  });

  test("an event that cannot be added is given up by the windows, as if it had come alone", async () => {
    const [folded, apart] = [await run(resuming(true), guarantee), await run(resuming(false), guarantee)];

    expect(resultsOf(folded)).toEqual(resultsOf(apart));
    for (const letters of [lettersOf(folded), lettersOf(apart)]) {
      const { operator, value, error, resubmittable, key } = letters[0]!;
      expect(letters).toHaveLength(1);
      expect({ operator, value, code: error.code, resubmittable, key }).toEqual({
        operator: "windows",
        value: items[brokenScale],
        code: "ERR_ACT_AGGREGATE_VALUE",
        resubmittable: true,
        key: items[brokenScale]!.bridge,
      });
    }
  });
});

test.each(["exactly-once", "at-least-once", "at-most-once"] as const)(
  "without keys, results and what is given up are the same whether or not events are put together, %s",
  async (guarantee) => {
    const [folded, apart] = [
      await run(wholeSums(true, "resume"), guarantee),
      await run(wholeSums(false, "resume"), guarantee),
    ];

    expect(resultsOf(folded)).toEqual(resultsOf(apart));
    expect(windowsOf(folded)).toEqual(windowsOf(apart));
    for (const each of [folded, apart]) {
      expect(lettersOf(each)).toMatchObject([{ operator: "windows", value: items[brokenScale], key: undefined }]);
    }
  },
);

test.each([1, 2, 3])("without keys nothing is lost or doubled by threads that die, seed %i", async (seed) => {
  const expected = resultsOf(await run(wholeSums(true, { messageRetries: 1 }), "exactly-once"));

  const faults = [crash("windows").after(20 * seed), crash("at").after(60 * seed), fail("windows").after(25 * seed)];
  const hurt = await simulate(wholeSums(true, { messageRetries: 1 }), {
    ...options,
    seed,
    guarantee: "exactly-once",
    faults,
  });

  expect(hurt).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(hurt.struck).toHaveLength(3);
  expect(resultsOf(hurt)).toEqual(expected);
});

test.each([1, 2, 3, 4])("exactly-once, nothing is lost or doubled by threads that die, seed %i", async (seed) => {
  const expected = resultsOf(await run(sums(true), "exactly-once"));

  const own = (key: string) => instanceOfKey(key, 2);
  const faults = [
    crash("windows", own("bridge 1")).after(20 * seed),
    crash("at").after(90 * seed),
    fail("windows", own("bridge 2")).after(25 * seed),
  ];
  const hurt = await simulate(sums(true), { ...options, seed, guarantee: "exactly-once", faults });

  expect(hurt).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(hurt.struck).toHaveLength(3);
  expect(resultsOf(hurt)).toEqual(expected);
});

describe.each(["batch", "end"] as const)("counts that are told per %s", (emit) => {
  /** Where putting together does not pay, in the middle, events are sent as they are. */
  const bridgeOf = (index: number) => (index >= 1_000 && index < 3_000 ? `only ${index}` : `bridge ${index % 5}`);
  const job = defineJob("counts", (builder) => {
    builder
      .source(
        "loads",
        generate({ count: 20_000, rate: 200_000, from: (index) => ({ index, bridge: bridgeOf(index) }) }),
      )
      .eventTime("at", { time: ({ index }) => 1_000 + index })
      .keyBy(({ bridge }) => bridge)
      .count("counts", { parallelism: 2, emit })
      .map("timed", ({ key, count }, { time }) => ({ key, count, time }))
      .collect("out");
  });

  test.each(["exactly-once", "at-most-once"] as const)(
    "have the event time of their last event, %s",
    async (guarantee) => {
      const simulation = await run(job, guarantee);

      const results = simulation.collected<{ key: string; count: number; time: number }>("out");
      const expected = new Map<string, { count: number; time: number }>();
      for (let index = 0; index < 20_000; index += 1) {
        const key = bridgeOf(index);
        expected.set(key, { count: (expected.get(key)?.count ?? 0) + 1, time: 1_000 + index });
      }
      expect(new Map(results.map(({ key, count, time }) => [key, { count, time }]))).toEqual(expected);
    },
  );
});

describe.each(["exactly-once", "at-least-once", "at-most-once"] as const)("within a thread, %s", (guarantee) => {
  /** A few bridges, then many, of which each has few events, and few again. */
  const bridgeOf = (index: number) =>
    index >= 2_000 && index < 12_000 ? `of many ${index % 5_000}` : `bridge ${index % 5}`;
  const from = (index: number): Load => ({ bridge: bridgeOf(index), at: index, tons: index });

  const totals = (preAggregate: boolean, isTimed: boolean) =>
    defineJob("totals", (job) => {
      job.supervision("resume");
      const loads = job.source("loads", generate({ count: 20_000, rate: 200_000, from }));
      const results = (isTimed ? loads.eventTime("at", { time: ({ at }) => at }) : loads)
        .keyBy(({ bridge, tons }) => (tons === 17 ? (undefined as unknown as string) : bridge))
        .aggregate("windows", tons, { emit: "end", preAggregate });
      results.map("timed", (result, { time }) => ({ ...result, time })).collect("out");
      results.deadLetters().collect("letters");
    });

  test.each([true, false])("what is told at the end is what it is of events one by one, timed: %s", async (isTimed) => {
    const world = { seed: 3, threads: 1, epochInterval: 5, guarantee };
    const [together, apart] = [
      await simulate(totals(true, isTimed), world),
      await simulate(totals(false, isTimed), world),
    ];

    for (const each of [together, apart]) {
      expect(each).toMatchObject({ status: "completed", assertions: [], violations: [] });
      const [letter, ...others] = lettersOf(each);
      expect(letter).toMatchObject({ operator: "windows", value: from(brokenScale), resubmittable: true });
      expect(others).toEqual([]);
    }
    expect(resultsOf(together)).toEqual(resultsOf(apart));
    expect(windowsOf(together)).toEqual(windowsOf(apart));
  });
});

test.each([1, 2, 3])("within a thread nothing is lost or doubled by operators that fail, seed %i", async (seed) => {
  const job = defineJob("totals", (builder) => {
    builder
      .source("loads", generate({ count: 20_000, rate: 200_000, from: (index) => ({ index }) }))
      .keyBy(({ index }) => index % 7)
      .count("counts", { emit: "end" })
      .collect("out");
  });
  const faults = [fail("counts").after(7 * seed), crash("counts").after(7 * seed + 20)];

  const simulation = await simulate(job, { seed, threads: 1, epochInterval: 5, guarantee: "exactly-once", faults });

  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(simulation.struck).toHaveLength(2);
  const counts = simulation.collected<{ key: number; count: number }>("out");
  const expected = Array.from({ length: 7 }, (_, key) => ({ key, count: Math.ceil((20_000 - key) / 7) }));
  expect(counts.toSorted((left, right) => left.key - right.key)).toEqual(expected);
});

test("poison of a plan meets its event alone", async () => {
  const faults = [poison("windows", ({ tons }: Load) => tons === 50)];

  const simulation = await simulate(sums(true, count()), { ...options, guarantee: "exactly-once", faults });

  expect(lettersOf(simulation)).toMatchObject([{ operator: "windows", value: { tons: 50 } }]);
});

describe("an accumulator that cannot be merged", () => {
  const unmergeable: Aggregate<Load, number, number> = {
    create: () => 0,
    add: (total, load) => total + load.tons,
    merge: () => {
      throw new Error("nothing to merge");
    },
    finish: (total) => total,
  };

  const job = (supervision: OperatorSupervision) => sums(true, unmergeable, tumbling(200), supervision);

  test.each(["at-most-once", "exactly-once"] as const)(
    "%s, is given up as one where failures are",
    async (guarantee) => {
      const simulation = await run(job("resume"), guarantee);

      const letters = lettersOf(simulation);
      expect(letters[0]).toMatchObject({
        ...{ operator: "windows", resubmittable: false, error: { message: "nothing to merge" } },
      });
      expect(windowsOf(simulation)).toMatchObject({ out: 0, taken: items.length, deadLetters: letters.length });
      expect(letters.length).toBeLessThan(items.length / 2);
    },
  );

  test.each(["at-most-once", "exactly-once"] as const)(
    "%s, ends the run where its operator starts over",
    async (guarantee) => {
      const simulation = await simulate(job({ restarts: { max: 2, within: "1m" } }), { ...options, guarantee });

      expect(simulation).toMatchObject({ status: "failed", error: { code: "ERR_JOB_FAILED" } });
    },
  );
});
