import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildGraph, defineJob } from "./define-job.ts";
import { assertSameGraph, explainDifference, fingerprint } from "./fingerprint.ts";
import { arbitraryGraph } from "./fixtures/arbitrary-graph.ts";
import { sampleSink, sampleSource } from "./fixtures/sample-specs.ts";
import type { Job } from "./job-builder.ts";
import type { JobGraph } from "./job-graph.ts";

const numbers = sampleSource<number>();

describe("two builds of one job", () => {
  test("have the same fingerprint, whatever their functions", () => {
    const left = build((job) =>
      job
        .source("s", numbers)
        .map("m", (x) => x + 1)
        .sink("out", sampleSink()),
    );
    const right = build((job) =>
      job
        .source("s", numbers)
        .map("m", (x) => x + 2)
        .sink("out", sampleSink()),
    );

    expect(fingerprint(left)).toEqual(fingerprint(right));
    expect(() => assertSameGraph("j", fingerprint(left), fingerprint(right), 1)).not.toThrow();
  });

  test("read like this", () => {
    const graph = build((job) => {
      job
        .source("s", numbers)
        .keyBy((x) => x)
        .count("c", { parallelism: 2 })
        .collect("all");
    });

    expect(fingerprint(graph).text.split("\n")).toEqual([
      'job "j"',
      'source "s": sample x 1 -> "main"',
      'operator "c": count x 2 -> "main"',
      'sink "all": collect x 1 on main',
      'edge "s"."main" -> "c" input 0 by key',
      'edge "c"."main" -> "all" input 0 by shuffle',
    ]);
    expect(fingerprint(graph).hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("differ when and only when their texts do", () => {
    fc.assert(
      fc.property(arbitraryGraph, arbitraryGraph, (left, right) => {
        const [one, other] = [fingerprint(left), fingerprint(right)];
        expect(one.hash === other.hash).toBe(one.text === other.text);
        expect(explainDifference(one.text, other.text) === "").toBe(one.text === other.text);
      }),
    );
  });
});

describe("a graph that differs on a host", () => {
  const changes: readonly (readonly [string, (job: Job) => void, readonly string[]])[] = [
    [
      "in parallelism",
      (job) =>
        job
          .source("s", numbers)
          .map("m", (x) => x, { parallelism: 2 })
          .shuffle()
          .sink("out", sampleSink()),
      ['operator "m": map x 1', 'operator "m": map x 2'],
    ],
    [
      "in an operator's name",
      (job) =>
        job
          .source("s", numbers)
          .map("other", (x) => x)
          .shuffle()
          .sink("out", sampleSink()),
      ['operator "m"', 'operator "other"'],
    ],
    [
      "in an operator's kind",
      (job) =>
        job
          .source("s", numbers)
          .filter("m", () => true)
          .shuffle()
          .sink("out", sampleSink()),
      ["map x 1", "filter x 1"],
    ],
    [
      "in a grouping",
      (job) =>
        job
          .source("s", numbers)
          .map("m", (x) => x)
          .toOne()
          .sink("out", sampleSink()),
      ["by shuffle", "by global"],
    ],
    [
      "in an operator more",
      (job) => {
        const mapped = job.source("s", numbers).map("m", (x) => x);
        mapped.shuffle().sink("out", sampleSink());
        mapped.sink("more", sampleSink());
      },
      ['only on the host: sink "more"'],
    ],
  ];
  const onMain = fingerprint(
    build((job) =>
      job
        .source("s", numbers)
        .map("m", (x) => x)
        .shuffle()
        .sink("out", sampleSink()),
    ),
  );

  test.each(changes)("%s is refused with both sides", (_what, describeJob, expected) => {
    const onHost = fingerprint(build(describeJob));

    expect(() => assertSameGraph("j", onMain, onHost, 3)).toThrow(
      expect.objectContaining({
        code: "ERR_JOB_GRAPH_MISMATCH",
        message: expect.toSatisfy((message: string) => [...expected, "host 3"].every((part) => message.includes(part))),
      }),
    );
  });

  test("in the order only is explained as such", () => {
    expect(explainDifference("job\na\nb", "job\nb\na")).toContain("another order");
  });

  test("in an endless list is cut", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `line ${index}`).join("\n");

    expect(explainDifference("job", many).split("\n").length).toBeLessThanOrEqual(41);
  });
});

function build(describeJob: (job: Job) => void): JobGraph {
  return buildGraph(defineJob("j", describeJob), undefined);
}
