/**
 * A process that runs the job in the storm to its end, if it lives that long. Prints a line of JSON for every fact that
 * counts, the last one at the end. Arguments: guarantee, and params as JSON.
 */

import { join } from "node:path";
import { ActorSystem, type Guarantee } from "../../jobs/index.ts";
import storm, { type StormParams } from "./storm.job.ts";

const [guarantee, given = ""] = process.argv.slice(2);
const params = JSON.parse(given) as StormParams;
const system = await ActorSystem.start({ threads: 2, logger: { log: () => undefined } });
const run = await system.submit(storm, {
  params,
  guarantee: guarantee as Guarantee,
  storage: join(params.folder, "storage"),
});
const { lostEvents } = await run.completed;
await system.stop();
process.stdout.write(`${JSON.stringify({ lostEvents, deadLetters: system.deadLetters.count })}\n`);
