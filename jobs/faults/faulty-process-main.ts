/** FaultyProcessMain: what the process of a supervised run under faults starts with. */

import { type ActorSystemOptions, NodeParentProcess, SystemClock } from "../../runtime/index.ts";
import { SupervisedProcess } from "../process/supervised-process.ts";
import { rehearse } from "../run/rehearsal.ts";
import { FaultySystem, type FaultySystemOptions } from "./faulty-system.ts";

const clock = new SystemClock();

await new SupervisedProcess({
  parent: new NodeParentProcess(),
  clock,
  startSystem: (module, options: ActorSystemOptions) => FaultySystem.startAhead(module, options as FaultySystemOptions),
  printEvents: async () => undefined,
  rehearse: (isWanted) => rehearse(clock, isWanted),
}).run();
