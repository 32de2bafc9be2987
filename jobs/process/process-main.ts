/** ProcessMain: what the process of a supervised run starts with. */

import { NodeParentProcess, SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { cliStream } from "../cli/cli-stream.ts";
import { printEvents } from "../cli/print-events.ts";
import { SupervisedProcess } from "./supervised-process.ts";

// A reader that has gone is an error of the next write, not a crash.
process.stdout.on("error", () => undefined);
const stdout = cliStream(process.stdout);

await new SupervisedProcess({
  parent: new NodeParentProcess(),
  clock: new SystemClock(),
  startSystem: (module, options) => ActorSystem.startAhead(module, options),
  printEvents: (events) => printEvents(events, stdout),
}).run();
