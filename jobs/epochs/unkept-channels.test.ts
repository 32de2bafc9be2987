import { describe, expect, test } from "vitest";
import {
  concat,
  csv,
  discard,
  durableIngest,
  fromIterable,
  generate,
  tcpListen,
  textLines,
} from "../../actors/index.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import type { Job } from "../job-builder.ts";
import { plan } from "../planner.ts";
import type { Stream } from "../stream.ts";
import { unkeptChannels } from "./unkept-channels.ts";

/** The edges whose channels keep nothing, and of how many of them: `numbers > work: 1 of 2`. */
function unkeptOf(describeJob: (job: Job) => void, hostCount: number): string[] {
  const graph = buildGraph(defineJob("sample", describeJob), undefined);
  const jobPlan = plan(graph, { hostCount });
  const unkept = unkeptChannels(jobPlan, graph);
  return [...Map.groupBy(jobPlan.channels, ({ edge }) => edge)].map(([edge, channels]) => {
    const name = (id: number | undefined) => graph.nodes[id ?? -1]?.name;
    const count = channels.filter(({ id }) => unkept.has(id)).length;
    return `${name(graph.edges[edge]?.from)} > ${name(graph.edges[edge]?.to)}: ${count} of ${channels.length}`;
  });
}

const plus = (number: number) => number + 1;

describe("a channel keeps nothing", () => {
  test("where both ends are on one thread", () => {
    const describeJob = (job: Job) => {
      job
        .source("numbers", generate(), { parallelism: 2 })
        .shuffle()
        .map("work", plus, { parallelism: 2 })
        .toOne()
        .collect("all");
    };

    expect(unkeptOf(describeJob, 0)).toEqual(["numbers > work: 4 of 4", "work > all: 2 of 2"]);
    expect(unkeptOf(describeJob, 2)).toEqual(["numbers > work: 2 of 4", "work > all: 0 of 2"]);
  });

  test.each<[string, number, (job: Job) => Stream<unknown>]>([
    ["that finds its way back", 1, (job) => job.source("source", generate())],
    ["that reads a file", 1, (job) => job.source("source", textLines("x.log"))],
    ["that reads a table in a file", 1, (job) => job.source("source", csv("x.csv"))],
    ["of values in memory", 1, (job) => job.source("source", fromIterable([1, 2]))],
    ["of one such source behind another", 1, (job) => job.source("source", concat(fromIterable([1]), generate()))],
    ["that has to unpack a file up to its position", 0, (job) => job.source("source", textLines("x.log.gz"))],
    [
      "of values that have to be made again",
      0,
      (job) =>
        job.source(
          "source",
          fromIterable(() => [1, 2]),
        ),
    ],
    ["of values that come once", 0, (job) => job.source("source", fromIterable([1].values()))],
    ["that nobody sends to twice", 0, (job) => job.source("source", tcpListen({ port: 1 }))],
    ["whose senders would be cut off", 0, (job) => job.source("source", durableIngest(tcpListen({ port: 1 })))],
    [
      "that is partly such a source",
      0,
      (job) => job.source<unknown>("source", concat<unknown>(generate({ count: 1 }), tcpListen({ port: 1 }))),
    ],
  ])("or keeps all, behind a source %s", (_what, count, from) => {
    const found = unkeptOf((job) => {
      from(job)
        .shuffle()
        .map("work", (value) => value)
        .shuffle()
        .map("more", (value) => value)
        .sink("end", discard());
    }, 0);

    // Whoever is behind that can start over from what is kept before it.
    expect(found).toEqual([`source > work: ${count} of 1`, "work > more: 1 of 1"]);
  });

  test("but behind an operator that messages may come to", () => {
    const found = unkeptOf((job) => {
      job
        .source("numbers", generate())
        .shuffle()
        .process("asked", () => ({ onEvent: () => undefined, onMessage: () => 1 }))
        .shuffle()
        .map("more", (value) => value)
        .sink("end", discard());
    }, 0);

    expect(found).toEqual(["numbers > asked: 1 of 1", "asked > more: 0 of 1"]);
  });
});
