import { describe, expect, test } from "vitest";
import { z } from "zod";
import { count } from "../actors/index.ts";
import { serviceToken } from "../runtime/index.ts";
import { buildGraph, defineJob } from "./define-job.ts";
import { sampleSink, sampleSource } from "./fixtures/sample-specs.ts";
import type { Job } from "./job-builder.ts";
import type { JobGraph } from "./job-graph.ts";

interface Vehicle {
  readonly type: "car" | "truck";
  readonly weight: number;
}

const vehicles = sampleSource<Vehicle>();

function fleet(job: Job) {
  return job.source("in", vehicles).asTable("fleet", (vehicle) => vehicle.type);
}

describe("a graph built by streams", () => {
  test("has the operators in the order they were added, with their names, kinds and outputs", () => {
    const graph = build((job) => {
      job
        .source("sensor", vehicles)
        .map("weight", (vehicle) => vehicle.weight)
        .filter("heavy", (weight) => weight > 3)
        .flatMap("twice", (weight) => [weight, weight])
        .sink("report", sampleSink<number>());
    });

    expect(graph.nodes.map((node) => [node.id, node.kind, node.name, node.label, node.outputs])).toEqual([
      [0, "source", "sensor", "sample", ["main"]],
      [1, "operator", "weight", "map", ["main"]],
      [2, "operator", "heavy", "filter", ["main"]],
      [3, "operator", "twice", "flatMap", ["main"]],
      [4, "sink", "report", "sample", []],
    ]);
    expect(edges(graph)).toEqual([
      "sensor -> weight by forward",
      "weight -> heavy by forward",
      "heavy -> twice by forward",
      "twice -> report by forward",
    ]);
  });

  test("gives operators the parallelism of what they consume, sources and sinks one instance", () => {
    const graph = build((job) => {
      const wide = job.source("sensor", vehicles).map("wide", (vehicle) => vehicle, { parallelism: 4 });
      const narrow = wide.filter("narrow", () => true, { parallelism: 2 });
      narrow.tap("after", () => undefined).sink("report", sampleSink());
      narrow.union(wide).tap("both", () => undefined);
      wide.keyBy((vehicle) => vehicle.type).count("per-type");
    });

    expect(Object.fromEntries(graph.nodes.map((node) => [node.name, node.parallelism]))).toEqual({
      sensor: 1,
      wide: 4,
      narrow: 2,
      after: 2,
      report: 1,
      both: 4,
      "per-type": 4,
    });
  });

  test("joins equal parallelism by forward and other parallelism by shuffle, unless a grouping says otherwise", () => {
    const graph = build((job) => {
      const source = job.source("sensor", vehicles, { parallelism: 2 });
      source.tap("default-equal", () => undefined);
      source.tap("default-other", () => undefined, { parallelism: 3 });
      source.shuffle().tap("shuffle", () => undefined);
      source.broadcast().tap("broadcast", () => undefined);
      source.toOne().tap("to-one", () => undefined);
      source.leastLoaded().tap("least-loaded", () => undefined);
      source.partitionBy(() => 0).tap("partition-by", () => undefined);
      source
        .shuffle()
        .forward()
        .tap("last-wins", () => undefined);
      source.keyBy((vehicle) => vehicle.type).count("key-by");
      source.keyBy((vehicle) => vehicle.type).sink("keyed-sink", sampleSink(), { parallelism: 2 });
    });

    expect(edges(graph)).toEqual([
      "sensor -> default-equal by forward",
      "sensor -> default-other by shuffle",
      "sensor -> shuffle by shuffle",
      "sensor -> broadcast by broadcast",
      "sensor -> to-one by global",
      "sensor -> least-loaded by least-loaded",
      "sensor -> partition-by by custom",
      "sensor -> last-wins by forward",
      "sensor -> key-by by key",
      "sensor -> keyed-sink by key",
    ]);
  });

  test("numbers the outputs of a split, and says which of them leads where", () => {
    const graph = build((job) => {
      const parts = job.source("sensor", vehicles).split("kinds", {
        cars: (vehicle) => vehicle.type === "car",
        ignored: (vehicle) => vehicle.weight < 1,
        rest: "otherwise",
      });
      parts.rest.sink("rest-sink", sampleSink());
      parts.cars.sink("car-sink", sampleSink());
    });

    expect(graph.nodes[1]?.outputs).toEqual(["cars", "ignored", "rest"]);
    expect(graph.edges.map((edge) => [edge.from, edge.outputIndex, edge.to])).toEqual([
      [0, 0, 1],
      [1, 2, 2],
      [1, 0, 3],
    ]);
  });

  test("has a stream for each output of an operator of one's own", () => {
    const graph = build((job) => {
      const maker = () => ({ onEvent: () => undefined });
      const source = job.source("sensor", vehicles);
      source.process("plain", maker).sink("plain-sink", sampleSink());
      const { main, late } = source.process("outputs", maker, { outputs: ["late"] });
      late.sink("late-sink", sampleSink());
      main.sink("main-sink", sampleSink());
    });

    expect(graph.nodes.filter((node) => node.label === "process").map((node) => node.outputs)).toEqual([
      ["main"],
      ["main", "late"],
    ]);
    expect(edges(graph)).toContain("outputs -> late-sink by forward");
    expect(graph.edges.find((edge) => graph.nodes[edge.to]?.name === "late-sink")?.outputIndex).toBe(1);
  });

  test("passes the options of an operator on to it", () => {
    for (const describeJob of [
      (job: Job) => job.source("s", vehicles).mapAsync("m", async (vehicle) => vehicle, { concurrency: 0 }),
      (job: Job) => job.source("s", vehicles).throttle("t", 1, "1s", { burst: 0 }),
      (job: Job) => job.source("s", vehicles).split("s", { cars: () => true }, { unmatched: "explode" as "drop" }),
      (job: Job) => job.source("s", vehicles).process("p", () => ({ onEvent: () => {} }), { outputs: ["main"] }),
      (job: Job) => job.source("s", vehicles).parse("x", z.unknown(), { onInvalid: "explode" as "fail" }),
      (job: Job) =>
        job
          .source("s", vehicles)
          .keyBy(() => 1)
          .count("c", { emit: "never" as "each" }),
      (job: Job) =>
        job
          .source("s", vehicles)
          .keyBy(() => 1)
          .mapAsync("m", async () => 1, { concurrency: 0 }),
    ]) {
      expect(failure(describeJob).code).toBe("ERR_RT_OPTION");
    }
  });

  test("leads all streams of a union to one input, each by its own grouping", () => {
    const graph = build((job) => {
      const north = job.source("north", vehicles);
      const south = job.source("south", vehicles, { parallelism: 2 });
      north
        .broadcast()
        .union(south)
        .tap("all", () => undefined);
    });

    expect(edges(graph)).toEqual(["north -> all by broadcast", "south -> all by forward"]);
    expect(graph.edges.map((edge) => edge.inputIndex)).toEqual([0, 0]);
  });

  test("ends collect and output on the thread that submitted the job", () => {
    const graph = build((job) => {
      const source = job.source("sensor", vehicles, { parallelism: 2 });
      source.collect("all");
      source.output("live");
    });

    expect(graph.nodes.slice(1).map((node) => [node.label, node.placement.kind, node.parallelism])).toEqual([
      ["collect", "main", 1],
      ["output", "main", 1],
    ]);
  });

  test("holds the policy of each operator, or else that of the job", () => {
    const rules = [{ when: "ERR_BAD", directive: "resume" }] as const;
    const graph = build((job) => {
      const source = job.source("sensor", vehicles);
      source.tap("own", () => undefined, { supervision: { rules } });
      source.tap("short", () => undefined, { supervision: "stop" });
      job.supervision("escalate");
    });

    expect(graph.nodes.map((node) => node.supervision)).toEqual([
      { otherwise: "escalate" },
      { rules },
      { otherwise: "stop" },
    ]);
  });

  test("has no policy where neither the operator nor the job says one", () => {
    const graph = build((job) => job.source("sensor", vehicles).tap("look", () => undefined));

    expect(graph.nodes.map((node) => node.supervision)).toEqual([undefined, undefined]);
  });

  test("holds the services of the job", () => {
    const token = serviceToken<number>("answer");
    const graph = build((job) => {
      job.source("sensor", vehicles).sink("report", sampleSink());
      job.provide(token, () => 42);
      job.provide(serviceToken<number>("other"), () => 1, { scope: "actor" });
    });

    expect(graph.services.map((service) => [service.token.name, service.scope])).toEqual([
      ["answer", "host"],
      ["other", "actor"],
    ]);
  });

  test("cannot be changed", () => {
    const graph = build((job) => job.source("sensor", vehicles).sink("report", sampleSink()));

    expect(
      [graph, graph.nodes, graph.edges, graph.services, graph.nodes[0], graph.edges[0]].every(Object.isFrozen),
    ).toBe(true);
  });

  test("says where each operator was added", () => {
    const graph = build((job) => job.source("sensor", vehicles).sink("report", sampleSink()));

    for (const node of graph.nodes) expect(node.definedAt?.()).toMatch(/stream\.test\.ts:\d+:\d+$/);
  });
});

describe("a mistake in a job", () => {
  test("two operators of one name: the error says where both were added", () => {
    const error = failure((job) => {
      job.source("sensor", vehicles).tap("same", () => undefined);
      job.source("same", vehicles).sink("report", sampleSink());
    });

    expect(error.code).toBe("ERR_JOB_OPERATOR_NAME_TAKEN");
    expect(error.message).toMatch(/"same": a tap at .*stream\.test\.ts:\d+:\d+, and a sample at .*stream\.test\.ts/);
  });

  test.each(["", "with space", "a/b", "-dash", "ü", "x".repeat(129)])("the name %j is refused", (name) => {
    expect(failure((job) => job.source(name, vehicles).sink("report", sampleSink())).code).toBe("ERR_RT_OPTION");
  });

  test.each<[string, (job: Job) => unknown, string]>([
    [
      "no name of a source",
      (job) => job.source(vehicles as never, undefined as never),
      'source name: expected a name before all else, as in job.source("lines", textLines(path))',
    ],
    ["no source", (job) => job.source("in", undefined as never), 'source "in": expected a source behind the name'],
    [
      "no name of a sink",
      (job) => job.source("in", vehicles).sink(sampleSink() as never, undefined as never),
      'sink name: expected a name before all else, as in .sink("out", fileLines(path))',
    ],
    [
      "no name of an operator",
      (job) => job.source("in", vehicles).map(((n: unknown) => n) as never, undefined as never),
      'operator name: expected a name before all else, as in .map("double", (n) => n * 2), got function (anonymous)',
    ],
    [
      "no name of an operator behind a key",
      (job) =>
        job
          .source("in", vehicles)
          .keyBy(() => 1)
          .inOrder({ waitingMax: 0 } as never),
      'operator name: expected a name before all else, as in .map("double", (n) => n * 2), got {"waitingMax":0}',
    ],
    [
      "no name of an operator on a table",
      (job) => fleet(job).map(((row: unknown) => row) as never, undefined as never),
      "operator name: expected a name before all else",
    ],
    [
      "no name of an operator on groups of a table",
      (job) =>
        fleet(job)
          .groupBy(() => 1)
          .aggregate(count() as never, undefined as never),
      "operator name: expected a name before all else",
    ],
    [
      "a path for a sink",
      (job) => job.source("in", vehicles).sink("out", "out.txt" as never),
      'sink "out": expected a sink behind the name, such as fileLines(path), got "out.txt"',
    ],
  ])("%s is refused by its name", (_, describeJob, message) => {
    const error = failure((job) => void describeJob(job));

    expect(error.code).toBe("ERR_RT_OPTION");
    expect(error.message).toContain(message);
  });

  test.each([0, -1, 1.5, Number.NaN, 129, "2" as unknown as number])("parallelism %j is refused", (parallelism) => {
    const error = failure((job) => job.source("sensor", vehicles, { parallelism }).sink("report", sampleSink()));

    expect(error.code).toBe("ERR_JOB_PARALLELISM");
    expect(error.message).toContain('source "sensor"');
  });

  test.each([
    "explode" as "stop",
    { restarts: { max: -1 } },
    { rules: [{ when: 1 as never, directive: "stop" }] },
  ] as const)("the supervision %j is refused, naming the operator", (supervision) => {
    const error = failure((job) => job.source("sensor", vehicles).tap("look", () => undefined, { supervision }));

    expect(error.code).toBe("ERR_RT_OPTION");
    expect(error.message).toContain('operator "look": supervision');
  });

  test("a job without a source is refused", () => {
    expect(failure(() => undefined).code).toBe("ERR_JOB_NO_SOURCE");
  });

  test("a source that nothing consumes is refused, with its place", () => {
    const error = failure((job) => {
      job.source("used", vehicles).sink("report", sampleSink());
      job.source("forgotten", vehicles);
    });

    expect(error.code).toBe("ERR_JOB_UNCONSUMED");
    expect(error.message).toMatch(/source "forgotten" \(.*stream\.test\.ts:\d+:\d+\).*\.sink/);
  });

  test.each<readonly [string, (job: Job) => void]>([
    ["map", (job) => job.source("sensor", vehicles).map("last", (vehicle) => vehicle.weight)],
    ["filter", (job) => job.source("sensor", vehicles).filter("last", () => true)],
    ["flatMap", (job) => job.source("sensor", vehicles).flatMap("last", () => [])],
    ["throttle", (job) => job.source("sensor", vehicles).throttle("last", 1, "1s")],
    ["parse", (job) => job.source("sensor", vehicles).parse("last", z.unknown())],
    ["split", (job) => job.source("sensor", vehicles).split("last", { cars: () => true })],
  ])("a %s that nothing consumes is refused: nobody would see its results", (_kind, describeJob) => {
    expect(failure(describeJob).code).toBe("ERR_JOB_UNCONSUMED");
  });

  test.each<readonly [string, (job: Job) => void]>([
    ["tap", (job) => job.source("sensor", vehicles).tap("last", () => undefined)],
    [
      "count",
      (job) =>
        job
          .source("sensor", vehicles)
          .keyBy(() => 1)
          .count("last"),
    ],
    [
      "scan",
      (job) =>
        job
          .source("sensor", vehicles)
          .keyBy(() => 1)
          .scan(
            "last",
            () => 0,
            (sum) => sum,
          ),
    ],
    [
      "reduce",
      (job) =>
        job
          .source("sensor", vehicles)
          .keyBy(() => 1)
          .reduce("last", (left) => left),
    ],
    ["mapAsync", (job) => job.source("sensor", vehicles).mapAsync("last", async () => 1)],
    ["process", (job) => job.source("sensor", vehicles).process("last", () => ({ onEvent: () => undefined }))],
    [
      "keyed mapAsync",
      (job) =>
        job
          .source("sensor", vehicles)
          .keyBy(() => 1)
          .mapAsync("last", async () => 1),
    ],
    [
      "keyed process",
      (job) =>
        job
          .source("sensor", vehicles)
          .keyBy(() => 1)
          .process("last", () => ({ onEvent() {} })),
    ],
  ])("a %s may end a stream: it has effects, or state that can be queried", (_kind, describeJob) => {
    expect(build(describeJob).nodes.at(-1)?.name).toBe("last");
  });

  test("forward between different parallelism is refused, naming both operators", () => {
    const error = failure((job) => {
      job
        .source("sensor", vehicles)
        .forward()
        .tap("wide", () => undefined, { parallelism: 2 });
    });

    expect(error.code).toBe("ERR_JOB_FORWARD");
    expect(error.message).toMatch(/"sensor" has 1 and operator "wide" has 2/);
  });

  test("several instances of an output on the submitting thread are refused", () => {
    const onMain = { ...sampleSink<Vehicle>(), onMain: true };

    expect(failure((job) => job.source("s", vehicles).sink("out", onMain, { parallelism: 2 })).code).toBe(
      "ERR_JOB_PARALLELISM",
    );
  });

  test("the same stream twice in one union is refused", () => {
    const error = failure((job) => {
      const source = job.source("sensor", vehicles);
      source.union(source).sink("report", sampleSink());
    });

    expect(error.code).toBe("ERR_JOB_STREAM_TWICE");
  });

  test("a stream of another job is refused", () => {
    const error = failure((job) => {
      build((other) => {
        const foreign = other.source("foreign", vehicles);
        foreign.sink("other-report", sampleSink());
        job.source("sensor", vehicles).union(foreign);
      });
    });

    expect(error.code).toBe("ERR_JOB_FOREIGN_STREAM");
  });

  test("using a stream after the builder has returned is refused", () => {
    let kept: ReturnType<Job["source"]> | undefined;
    let keptJob: Job | undefined;
    build((job) => {
      keptJob = job;
      kept = job.source("sensor", vehicles);
      kept.sink("report", sampleSink());
    });

    for (const late of [
      () => kept?.sink("late", sampleSink()),
      () => keptJob?.source("late", vehicles),
      () => keptJob?.provide(serviceToken("late"), () => 1),
      () => keptJob?.supervision("stop"),
    ]) {
      expect(late).toThrow(expect.objectContaining({ code: "ERR_JOB_BUILDER" }));
    }
  });

  test("an async function where a plain one is expected is refused", () => {
    const error = failure((job) => job.source("sensor", vehicles).map("wrong", async () => 1));

    expect(error.code).toBe("ERR_ACT_ASYNC_FUNCTION");
  });

  test("more channels than a job may have are refused", () => {
    const error = failure((job) => {
      let stream = job.source("sensor", vehicles, { parallelism: 128 });
      for (let index = 0; index < 8; index++) stream = stream.shuffle().tap(`tap${index}`, () => undefined);
    });

    expect(error.code).toBe("ERR_JOB_TOO_LARGE");
    expect(error.message).toContain(`${8 * 128 * 128} channels`);
  });
});

function build(describeJob: (job: Job) => void): JobGraph {
  return buildGraph(defineJob("traffic", describeJob), undefined);
}

function failure(describeJob: (job: Job) => void): Error & { readonly code: string } {
  try {
    build(describeJob);
  } catch (error) {
    return error as Error & { readonly code: string };
  }
  throw new Error("expected the job to be refused");
}

function edges(graph: JobGraph): string[] {
  return graph.edges.map(
    (edge) => `${graph.nodes[edge.from]?.name} -> ${graph.nodes[edge.to]?.name} by ${edge.grouping.kind}`,
  );
}
