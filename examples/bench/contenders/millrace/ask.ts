/** millrace on W5: an actor that asks another one; once from the main thread, once between two worker threads. */

import { type ActorRef, ActorSystem, type Address, defineActor } from "../../../../jobs/index.ts";
import type { Contender, RoundResult } from "../../contender.ts";
import { timeAsks } from "../ask/time-asks.ts";

const timeout = "10s";

/** Answers a number with the number behind it. */
export const successor = defineActor("successor", import.meta.url, () => (value: number) => value + 1);

/** Asks `to` as often as it is told, one ask after the other. */
export const asker = defineActor("asker", import.meta.url, (context, to: Address) => {
  const ref = context.actor<number, number>(to);
  return (asks: number) => timeAsks(asks, (value) => ref.ask(value, { timeout }));
});

export function fromMain(): Contender {
  let system: ActorSystem | undefined;
  let ref: ActorRef<number, number> | undefined;
  return {
    async setup() {
      system = await ActorSystem.start({ threads: 1 });
      ref = system.spawn(successor, "successor", { host: 1 });
    },
    round: (asks) => timeAsks(asks, (value) => (ref as ActorRef<number, number>).ask(value, { timeout })),
    async teardown() {
      await system?.stop();
    },
  };
}

export function betweenWorkers(): Contender {
  let system: ActorSystem | undefined;
  let ref: ActorRef<number, RoundResult> | undefined;
  return {
    async setup() {
      system = await ActorSystem.start({ threads: 2 });
      const { address } = system.spawn(successor, "successor", { host: 2 });
      ref = system.spawn(asker, "asker", { host: 1, args: address });
    },
    round: (asks) => (ref as ActorRef<number, RoundResult>).ask(asks, { timeout: "10m" }),
    async teardown() {
      await system?.stop();
    },
  };
}
