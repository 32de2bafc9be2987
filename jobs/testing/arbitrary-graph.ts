/** Random validated graphs for property tests: forks, unions, several outputs, sinks on main, different policies. */

import fc from "fast-check";
import type { Grouping } from "../../actors/index.ts";
import type { JobGraph } from "../job-graph.ts";
import { type SampleInput, type SampleNode, sampleGraph } from "./sample-graph.ts";

interface Recipe {
  readonly parallelism: number;
  readonly isSource: boolean;
  readonly isSink: boolean;
  readonly onMain: boolean;
  readonly heads: boolean;
  readonly policy: number;
  readonly inputs: readonly { readonly pick: number; readonly outputIndex: number; readonly grouping: number }[];
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  parallelism: fc.integer({ min: 1, max: 3 }),
  isSource: often(false, 6),
  isSink: often(false, 3),
  onMain: fc.boolean(),
  heads: often(false, 2),
  policy: fc.constantFrom(0, 0, 0, 1, 2),
  inputs: fc.array(
    fc.record({
      pick: fc.nat(),
      outputIndex: fc.constantFrom(0, 0, 0, 1),
      grouping: fc.nat(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** Up to a dozen nodes, the first of them a source. */
export const arbitraryGraph: fc.Arbitrary<JobGraph> = fc
  .array(recipe, { minLength: 1, maxLength: 12 })
  .map((recipes) => {
    const samples: SampleNode[] = [];
    for (const one of recipes) samples.push(sampleOf(one, samples));
    return sampleGraph(samples);
  });

function sampleOf(one: Recipe, earlier: readonly SampleNode[]): SampleNode {
  const upstream = earlier.flatMap((sample, id) => (sample.isSink === true ? [] : [id]));
  const onMain = one.onMain && one.isSink;
  const parallelism = onMain ? 1 : one.parallelism;
  const heads = one.heads;
  const facts = {
    parallelism,
    heads,
    ...(one.policy === 0 ? {} : { supervision: { messageRetries: one.policy } }),
  };
  if (one.isSource || upstream.length === 0) return facts;
  const inputs = new Map<string, SampleInput>();
  for (const { pick, outputIndex, grouping } of one.inputs) {
    const from = upstream[pick % upstream.length] as number;
    const isForward = earlier[from]?.parallelism === parallelism && grouping % 3 !== 0;
    const other = otherGroupings[grouping % otherGroupings.length] as Grouping["kind"];
    inputs.set(`${from}.${outputIndex}`, { from, outputIndex, grouping: isForward ? "forward" : other });
  }
  return { ...facts, onMain, isSink: one.isSink, inputs: [...inputs.values()] };
}

const otherGroupings: readonly Grouping["kind"][] = ["shuffle", "broadcast", "global", "least-loaded", "key", "custom"];

function often(value: boolean, times: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: times }).map((drawn) => (drawn === 0 ? !value : value));
}
