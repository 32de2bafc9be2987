import { describe, expect, test } from "vitest";
import { buildGraph, defineJob, isJobDefinition } from "./define-job.ts";
import { sampleSink, sampleSource } from "./fixtures/sample-specs.ts";

describe("a definition", () => {
  test("knows its name and its module", () => {
    const definition = defineJob("traffic", import.meta.url, () => undefined);

    expect(definition.name).toBe("traffic");
    expect(definition.url).toBe(import.meta.url);
    expect(isJobDefinition(definition)).toBe(true);
  });

  test("without a module belongs to the calling thread", () => {
    expect(defineJob("traffic", () => undefined).url).toBeUndefined();
  });

  test.each<readonly [string, () => unknown]>([
    ["a bad name", () => defineJob("a b", () => undefined)],
    ["a name that is no string", () => defineJob(7 as unknown as string, () => undefined)],
    ["a path instead of a URL", () => defineJob("traffic", "./traffic.ts", () => undefined)],
    ["no build function", () => defineJob("traffic", import.meta.url, undefined as unknown as () => void)],
    ["nothing but a name", () => (defineJob as unknown as (name: string) => unknown)("traffic")],
  ])("with %s is refused", (_what, define) => {
    expect(define).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  });

  test.each([undefined, null, 1, "job", {}, { type: "other" }, () => undefined])("is not %j", (value) => {
    expect(isJobDefinition(value)).toBe(false);
  });
});

describe("building", () => {
  test("hands the params to the builder", () => {
    const definition = defineJob("traffic", (job, { lanes }: { lanes: number }) => {
      job.source("sensor", sampleSource(), { parallelism: lanes }).sink("report", sampleSink());
    });

    expect(buildGraph(definition, { lanes: 3 }).nodes[0]?.parallelism).toBe(3);
  });

  test("twice gives two graphs of equal shape", () => {
    const definition = defineJob("traffic", (job) => {
      job.source("sensor", sampleSource()).sink("report", sampleSink());
    });

    const [left, right] = [buildGraph(definition, undefined), buildGraph(definition, undefined)];

    expect(left).not.toBe(right);
    expect(JSON.stringify(left)).toBe(JSON.stringify(right));
  });

  test("fails with what the builder threw as cause", () => {
    const cause = new TypeError("boom");
    const definition = defineJob("traffic", () => {
      throw cause;
    });

    expect(() => buildGraph(definition, undefined)).toThrow(
      expect.objectContaining({ code: "ERR_JOB_BUILDER", cause, message: expect.stringContaining("boom") }),
    );
  });

  test("fails when the builder is async, and swallows its rejection", async () => {
    const definition = defineJob("traffic", (async () => {
      throw new Error("nobody may see this as an unhandled rejection");
    }) as () => void);

    expect(() => buildGraph(definition, undefined)).toThrow(expect.objectContaining({ code: "ERR_JOB_BUILDER" }));
  });

  test("fails on params that are no plain data, naming the path", () => {
    const definition = defineJob("traffic", (_job, _params: unknown) => undefined);

    expect(() => buildGraph(definition, { lanes: [1, { open: () => true }] })).toThrow(
      expect.objectContaining({
        code: "ERR_RT_NOT_PLAIN_DATA",
        message: expect.stringContaining("params.lanes[1].open"),
      }),
    );
  });
});
