/** Runs both jobs under the faults of the same seeds, and prints what the first of them that fails says. */

import { simulateSeeds } from "../../jobs/testing/index.ts";
import { givenArguments } from "../given-arguments.ts";
import receipts from "./receipts.job.ts";
import broken from "./receipts-broken.job.ts";

givenArguments("node examples/faults/main.ts: runs a job with a bug, and its cure, under the faults of the same seeds");

const seedCount = 20;

for (const job of [broken, receipts]) {
  const failed = await simulateSeeds(job, {
    firstSeed: 1,
    seedCount,
    kinds: ["errors", "threads"],
    epochInterval: "5ms",
  });
  console.log(`${job.name}: ${seedCount} seeds, ${failed.length} seeds with violations`);
  const [first] = failed;
  if (first === undefined) continue;
  console.log(`  seed ${first.seed}, ${first.simulation.struck.length} faults:`);
  for (const { atMs, action } of first.simulation.struck)
    console.log(`    ${atMs.toFixed(1)} ms ${JSON.stringify(action)}`);
  for (const { invariant, message } of first.violations) console.log(`  ${invariant}: ${message}`);
}
