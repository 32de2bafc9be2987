import { describe, expect, test } from "vitest";
import { aggregate, count, generate, instanceOfKey, session, sum, tumbling } from "../actors/index.ts";
import { isBare } from "./bare-edges.ts";
import { buildGraph, defineJob } from "./define-job.ts";
import { sampleSource } from "./fixtures/sample-specs.ts";
import type { Job } from "./job-builder.ts";
import { crash } from "./simulation/fault.ts";
import type { PlannedFault } from "./simulation/fault-action.ts";
import { simulate } from "./simulation/simulate.ts";

interface Load {
  readonly bridge: string;
  readonly at: number;
  readonly tons: number;
}

type Windows = (loads: ReturnType<typeof keyed>) => { collect(name: string): void };

function keyed(job: Job) {
  return job
    .source("loads", sampleSource<Load>())
    .eventTime("at", { time: ({ at }) => at })
    .keyBy(({ bridge }) => bridge);
}

/** Whether events are sent to the operator "windows" with their keys and times alone. */
function areBare(make: Windows): boolean {
  const graph = buildGraph(
    defineJob("loads", (job) => make(keyed(job)).collect("out")),
    undefined,
  );
  const windows = graph.nodes.find(({ name }) => name === "windows");
  return isBare(graph.edges.find(({ to }) => to === windows?.id)!, graph);
}

describe("events are sent with their keys and times alone", () => {
  test.each<[string, Windows]>([
    ["sessions", (loads) => loads.window("windows", session("1m"), count())],
    ["several counts", (loads) => loads.window("windows", session("1m"), aggregate({ a: count(), b: count() }))],
    ["where they are not put together", (loads) => loads.window("windows", tumbling("1m"), count())],
  ])("to what counts them: %s", (_, make) => {
    expect(areBare(make)).toBe(true);
  });

  test.each<[string, Windows]>([
    [
      "what adds them up",
      (loads) =>
        loads.window(
          "windows",
          session("1m"),
          sum(({ tons }) => tons),
        ),
    ],
    [
      "what does both",
      (loads) => loads.window("windows", session("1m"), aggregate({ n: count(), tons: sum(({ tons }) => tons) })),
    ],
    [
      "whom its author has sent each",
      (loads) => loads.window("windows", session("1m"), count(), { preAggregate: false }),
    ],
    [
      "where somebody takes what is late",
      (loads) => {
        const results = loads.window("windows", session("1m"), count());
        results.late().collect("late");
        return results;
      },
    ],
    ["an operator of the author's own", (loads) => loads.process("windows", () => ({ onEvent() {} }))],
  ])("but not to %s", (_, make) => {
    expect(areBare(make)).toBe(false);
  });
});

describe.each(["exactly-once", "at-least-once"] as const)("sessions of counted events, %s", (guarantee) => {
  const items = Array.from({ length: 600 }, (_, index): Load => {
    return { bridge: `bridge ${(index * 7) % 5}`, at: 1_000 + index * 3 + 100 * Math.floor(index / 150), tons: index };
  });
  const sessions = (preAggregate: boolean) =>
    defineJob("sessions", (job) => {
      job
        .source("loads", generate({ count: items.length, rate: 10_000, from: (index) => items[index] as Load }))
        .eventTime("at", { time: ({ at }) => at })
        .keyBy(({ bridge }) => bridge)
        .window("windows", session(50), count(), { parallelism: 2, preAggregate })
        .collect("out");
    });
  const resultsOf = async (preAggregate: boolean, faults: readonly PlannedFault[], seed = 3) => {
    const options = { seed, threads: 3, epochInterval: 5, guarantee, faults };
    const simulation = await simulate(sessions(preAggregate), options);
    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    return simulation
      .collected("out")
      .map((result) => JSON.stringify(result))
      .toSorted();
  };

  test("are those of whole events", async () => {
    const results = await resultsOf(true, []);

    expect(results).toEqual(await resultsOf(false, []));
    expect(results).toHaveLength(20);
  });

  test.each([1, 2, 3])("and have what was sent again when threads die, seed %i", async (seed) => {
    const faults = [crash("windows", instanceOfKey("bridge 1", 2)).after(20 * seed)];

    const results = await resultsOf(true, faults, seed);

    expect(new Set(results)).toEqual(new Set(await resultsOf(false, [])));
  });
});
