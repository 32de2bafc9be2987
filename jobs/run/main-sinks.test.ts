import { expect, test } from "vitest";
import { fromIterable } from "../../actors/index.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import { collectEventsMax } from "../limits.ts";
import { noOutput } from "../testing/no-output.ts";
import { MainSinks } from "./main-sinks.ts";
import { decideOnHost } from "./operator-policy.ts";

const graph = buildGraph(
  defineJob("sinks", (job) => {
    job.supervision("resume");
    job.source("numbers", fromIterable([1])).collect("all");
  }),
  undefined,
);

test("a collect sink refuses more events than it may hold, and that ends the job whatever its supervision", () => {
  const sinks = new MainSinks(graph, false, false);
  const logic = sinks.createLogic("all");
  const batch = { values: [1, 2], times: undefined, keys: undefined };
  logic.onBatch(batch, 0, 2, noOutput);

  let thrown: unknown;
  try {
    logic.onBatch(batch, 0, collectEventsMax - 1, noOutput);
  } catch (error) {
    thrown = error;
  }

  expect(thrown).toMatchObject({ code: "ERR_JOB_COLLECT_LIMIT" });
  expect(sinks.collected("all")).toEqual([1, 2]);
  const sink = graph.nodes[1];
  expect(sink && decideOnHost(sink)(thrown)).toBe("stop");
});
