/**
 * Matchers for vitest, added by `import "millrace/testing/vitest"`: what a simulation, the seeds of a job or its operators have
 * come to, with all that is needed to see why not. The test kit itself needs no vitest.
 */

import { expect } from "vitest";
import { compareOutputs } from "../simulation/compare-outputs.ts";
import type { SeedResult } from "../simulation/simulate-seeds.ts";
import type { Simulation } from "../simulation/simulation.ts";
import type { OperatorFinding } from "./check-operators.ts";

interface SimulationMatchers<R> {
  /** Of a simulation: the run has completed, and nothing that millrace promises was broken. */
  toHaveCompleted(): R;
  /** Of a simulation: it has completed, and its sinks hold the events of the calm one, each once, in any order. */
  toHoldExactlyOnce(calm: Simulation): R;
  /** Of a simulation: it has completed, and its sinks hold the events of the calm one, each at least once. */
  toHoldAtLeastOnce(calm: Simulation): R;
  /** Of what `simulateSeeds` or `checkOperators` resolved to: there is nothing in it. */
  toHaveNoViolations(): R;
}

declare module "vitest" {
  interface Matchers<R extends void | Promise<void>, T> extends SimulationMatchers<R> {}
}

interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

expect.extend({
  toHaveCompleted: (simulation: Simulation) => verdict(simulation, brokenBy(simulation), "to have completed"),
  toHoldExactlyOnce: (simulation: Simulation, calm: Simulation) =>
    verdict(
      simulation,
      [...brokenBy(simulation), ...differences(simulation, calm, "exactly-once")],
      "to hold exactly-once",
    ),
  toHoldAtLeastOnce: (simulation: Simulation, calm: Simulation) =>
    verdict(
      simulation,
      [...brokenBy(simulation), ...differences(simulation, calm, "at-least-once")],
      "to hold at-least-once",
    ),
  toHaveNoViolations: (found: readonly (SeedResult | OperatorFinding)[]): Verdict => ({
    pass: found.length === 0,
    message: () => (found.length === 0 ? "expected violations, there are none" : found.map(textOf).join("\n")),
  }),
});

function verdict(simulation: Simulation, broken: readonly string[], expected: string): Verdict {
  const { job, seed, struck } = simulation;
  const pass = broken.length === 0;
  const faults = struck.map(({ atMs, action }) => `  ${atMs.toFixed(1)} ms ${JSON.stringify(action)}`);
  const lines = [
    `expected job ${JSON.stringify(job)} under seed ${seed} ${pass ? "not " : ""}${expected}`,
    ...broken,
    ...(faults.length === 0 ? ["without faults"] : ["faults:", ...faults]),
  ];
  return { pass, message: () => lines.join("\n") };
}

function brokenBy({ status, error, violations, elapsedMs }: Simulation): readonly string[] {
  const broken = violations.map(({ invariant, message }) => `${invariant}: ${message}`);
  if (status === "completed") return broken;
  return [
    `it is ${status} after ${elapsedMs.toFixed(0)} ms${error === undefined ? "" : `: ${error.message}`}`,
    ...broken,
  ];
}

function differences(
  simulation: Simulation,
  calm: Simulation,
  guarantee: "exactly-once" | "at-least-once",
): readonly string[] {
  return simulation.sinks.flatMap((sink) =>
    compareOutputs(calm.collected(sink), simulation.collected(sink), guarantee, { sink }),
  );
}

function textOf(found: SeedResult | OperatorFinding): string {
  if ("text" in found) return found.text;
  const { seed, violations, faults, minimalFaults = faults } = found;
  return [
    `seed ${seed}:`,
    ...violations.map(({ invariant, message }) => `  ${invariant}: ${message}`),
    minimalFaults.length === faults.length ? "  faults:" : "  faults, those that it takes:",
    ...minimalFaults.map((fault) => `    ${JSON.stringify(fault)}`),
  ].join("\n");
}
