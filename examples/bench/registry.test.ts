import { describe, expect, it } from "vitest";
import { findEntry, registry } from "./registry.ts";
import { differenceOf, workloadIds, workloads } from "./workload.ts";

/** No multiple of any batch or chunk size, so that the last batch is a partial one. */
const events = 10_007;

describe("registry", () => {
  it.each(workloadIds)("%s: has one reference, and no name twice", (id) => {
    const entries = registry.filter(({ workload }) => workload === id);

    expect(entries.filter(({ role }) => role === "reference")).toHaveLength(1);
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });

  it("says which contender it does not know", () => {
    expect(() => findEntry("W1", "flink")).toThrow('no contender "flink" for workload "W1"');
  });
});

/** Of crashes, which take seconds, one with each kind of fault: the variants differ in the size of their state. */
const checked = registry.filter(({ workload, role }) => workloads[workload].unit !== "crashes" || role === "reference");

describe("contender", () => {
  it.each(checked)("$workload $name gives the expected answer, in each round", async ({ workload, load }) => {
    const { unitsFor, expectedAnswer } = workloads[workload];
    const contender = await load();
    await contender.setup?.();
    try {
      for (const units of new Set([unitsFor(events), 1])) {
        const result = await contender.round(units);

        expect(differenceOf(expectedAnswer(units), result.answer)).toBeUndefined();
        expect(result.latenciesUs?.length).toBe(workloads[workload].latencyUnit === undefined ? undefined : units);
      }
    } finally {
      await contender.teardown?.();
    }
  });
});
