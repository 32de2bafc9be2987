/** FaultyProcessMain: what the process of a supervised run under faults starts with. */

import { type ActorSystemOptions, NodeParentProcess, SystemClock } from "../../runtime/index.ts";
import { SupervisedProcess } from "../process/supervised-process.ts";
import { FaultySystem, type FaultySystemOptions } from "./faulty-system.ts";

await new SupervisedProcess({
  parent: new NodeParentProcess(),
  clock: new SystemClock(),
  startSystem: (module, options: ActorSystemOptions) => FaultySystem.startAhead(module, options as FaultySystemOptions),
  printEvents: async () => undefined,
}).run();
