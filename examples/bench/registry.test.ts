import { describe, expect, it } from "vitest";
import type { ContenderEntry } from "./contender-entry.ts";
import { findEntry, registry } from "./registry.ts";
import { unitsOf } from "./run-workload.ts";
import { differenceOf } from "./workload.ts";
import { type WorkloadId, workloadIds, workloads } from "./workloads.ts";

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

/** Of workloads whose contenders differ in a rate or the size of a state only, or read a whole file, one: the bench checks the others. */
const costly = new Set<WorkloadId>(["W6", "W7", "W8", "W8-process", "W10"]);
const checked: ContenderEntry[] = [];
for (const entry of registry) {
  const isChecked = !costly.has(entry.workload) || entry.role === (entry.workload === "W7" ? "millrace" : "reference");
  if (isChecked && (await entry.missing?.()) === undefined) checked.push(entry);
}

describe("contender", () => {
  it.each(checked)("$workload $name gives the expected answer, in each round", async (entry) => {
    const { workload, load } = entry;
    const { unitsFor, expectedAnswer } = workloads[workload];
    const contender = await load();
    await contender.setup?.();
    try {
      for (const units of new Set([unitsOf(entry, unitsFor(events)), unitsFor(1)])) {
        const result = await contender.round(units);

        expect(differenceOf(await expectedAnswer(units), result.answer)).toBeUndefined();
        const isTimed = result.latenciesUs !== undefined || result.recorded !== undefined;
        expect(isTimed).toBe(workloads[workload].latencyUnit !== undefined);
      }
    } finally {
      await contender.teardown?.();
    }
  });
});
