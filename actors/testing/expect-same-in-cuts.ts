/** The check that every operator passes: how its input is cut into batches makes no difference. */

import fc from "fast-check";
import { expect } from "vitest";
import type { OperatorSpec } from "../operator.ts";
import { type HarnessEvent, type HarnessRun, runInCuts } from "./operator-harness.ts";

/**
 * Runs the events one by one, all at once, and in random cuts, each time through a fresh instance, and expects the same
 * results and dead letters.
 *
 * @param view what of a run has to be the same; everything, when left out
 * @returns the run of all events at once
 */
export async function expectSameInCuts(
  spec: OperatorSpec,
  events: readonly HarnessEvent[],
  view: (run: HarnessRun) => unknown = (run) => run,
): Promise<HarnessRun> {
  const atOnce = await runInCuts(spec, events, [Math.max(1, events.length)]);
  const oneByOne = await runInCuts(spec, events, [1]);
  expect(view(oneByOne)).toEqual(view(atOnce));
  const sizes = fc.array(fc.integer({ min: 1, max: Math.max(1, events.length) }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(sizes, async (cuts) => {
      const run = await runInCuts(spec, events, cuts as [number, ...number[]]);
      expect(view(run)).toEqual(view(atOnce));
    }),
    { seed: 1, numRuns: 20 },
  );
  return atOnce;
}
