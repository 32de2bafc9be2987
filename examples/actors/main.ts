/** The actor tour on the command line: `node launch.mjs examples/actors/main.ts`. */

import { ActorSystem } from "../../runtime/index.ts";
import { givenArguments } from "../given-arguments.ts";
import { tour } from "./tour.ts";

givenArguments("node examples/actors/main.ts: looks at actors without a job: spawn, supervise, ask, watch");

await using system = await ActorSystem.start({ threads: 1 });
await tour(system, console.log);
