/** SystemContender: an actor system that is started before the first round and stays until the last one is over. */

import { ActorSystem, type ActorSystemOptions } from "../../../../jobs/index.ts";
import type { Contender, RoundResult } from "../../contender.ts";

export function systemContender(
  options: ActorSystemOptions,
  round: (system: ActorSystem, units: number) => Promise<RoundResult>,
): Contender {
  let system: ActorSystem | undefined;
  return {
    async setup() {
      system = await ActorSystem.start(options);
    },
    round(units) {
      if (system === undefined) throw new Error("not set up");
      return round(system, units);
    },
    async teardown() {
      await system?.stop();
    },
  };
}
