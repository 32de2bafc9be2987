/** The actor tour on the command line: `node launch.mjs examples/actors/main.ts`. */

import { ActorSystem } from "../../runtime/index.ts";
import { tour } from "./tour.ts";

await using system = await ActorSystem.start({ threads: 1 });
await tour(system, console.log);
