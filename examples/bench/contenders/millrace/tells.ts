/** millrace on W5-tells: an actor that is told numbers by main, on the same thread or on another one. */

import { type ActorRef, ActorSystem, defineActor } from "../../../../jobs/index.ts";
import type { Contender } from "../../contender.ts";
import { type Handled, type Tell, TellCount, timeTells } from "../../tells.ts";

const timeout = "1m";

/** Answers `"handled"` with what it was told. */
export const counting = defineActor("counting", import.meta.url, () => {
  const count = new TellCount();
  return (message: Tell | "handled"): Handled | undefined => {
    if (message === "handled") return count.handled();
    count.take(message);
    return undefined;
  };
});

export function tellsTo(host: 0 | 1): Contender {
  let system: ActorSystem | undefined;
  let ref: ActorRef<Tell | "handled", Handled | undefined> | undefined;
  return {
    async setup() {
      system = await ActorSystem.start({ threads: host });
      ref = system.spawn(counting, "counting", { host });
    },
    async round(tells) {
      const actor = ref;
      if (actor === undefined) throw new Error("not set up");
      return timeTells(tells, {
        tell: (tell) => actor.tell(tell),
        handled: async () => (await actor.ask("handled", { timeout })) as Handled,
      });
    },
    async teardown() {
      await system?.stop();
    },
  };
}
