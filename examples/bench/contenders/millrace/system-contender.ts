/**
 * SystemContender: an actor system that is started before the first round and stays until the last one is over. Contenders of one
 * process that want the same threads have one in common: what the engine has made of the code, and of its heaps, is the same for all.
 */

import { ActorSystem, type ActorSystemOptions } from "../../../../jobs/index.ts";
import type { Contender, RoundResult } from "../../contender.ts";

interface SharedSystem {
  readonly started: Promise<ActorSystem>;
  userCount: number;
}

const systems = new Map<string, SharedSystem>();

export function systemContender(
  options: ActorSystemOptions,
  round: (system: ActorSystem, units: number) => Promise<RoundResult>,
): Contender {
  const key = JSON.stringify(options);
  return {
    async setup() {
      const shared = systems.get(key) ?? { started: ActorSystem.start(options), userCount: 0 };
      shared.userCount += 1;
      systems.set(key, shared);
      await shared.started;
    },
    async round(units) {
      const shared = systems.get(key);
      if (shared === undefined) throw new Error("not set up");
      return round(await shared.started, units);
    },
    async teardown() {
      const shared = systems.get(key);
      if (shared === undefined) return;
      shared.userCount -= 1;
      if (shared.userCount > 0) return;
      systems.delete(key);
      await (await shared.started).stop();
    },
  };
}
