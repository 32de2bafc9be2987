/** The process that W8 kills. Arguments: the directory of the checkpoints, and how many keys there are. */

import { ActorSystem } from "../../../../../jobs/index.ts";
import { recovering, type Shown } from "./recovering-job.ts";

const [storage = "", keys] = process.argv.slice(2);
const system = await ActorSystem.start({ threads: 2 });
const params = { keys: Number(keys) };
const run = await system.submit(recovering, { params, guarantee: "exactly-once", storage });
for await (const shown of run.output<Shown>("shown")) process.stdout.write(`${JSON.stringify(shown)}\n`);
