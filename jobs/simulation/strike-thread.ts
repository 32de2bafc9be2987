/** strikeThread: what a fault does to a virtual thread, and undoes when its time is over. */

import { type Clock, fromWire, type SimulatedThread, toWire } from "../../runtime/index.ts";
import type { FaultAction, FaultTarget } from "./fault-action.ts";
import { thrownValue } from "./thrown-value.ts";

type DeathKind = "crash" | "exit" | "stray-throw" | "stray-reject" | "overflow-heap";

export type ThreadAction = Extract<FaultAction, { readonly kind: DeathKind | "hang" | "slow" | "delay" }>;

/** Whose thread has to be struck: that which sends or gets what is to come later, the first one excepted. */
export function struckTarget(action: ThreadAction): FaultTarget {
  if (action.kind !== "delay") return action.target;
  return { kind: "host", host: action.to === 0 ? action.from : action.to };
}

/** @param clock one that outlives the thread */
export function strikeThread(thread: SimulatedThread, action: ThreadAction, clock: Clock): void {
  switch (action.kind) {
    case "crash":
      return thread.die(new Error("a simulated crash"));
    case "exit":
      return thread.die(new Error(`it called process.exit(${action.code})`));
    case "stray-throw":
      return thread.die(fromWire(toWire(thrownValue(action.thrown, "a stray callback threw"))));
    case "stray-reject":
      return thread.die(fromWire(toWire(thrownValue(action.thrown, "a stray promise rejected"))));
    case "overflow-heap":
      return thread.die(new Error("it was beyond its share of the heap"));
    case "hang":
      return thread.hold(action.forMs);
    case "slow":
      thread.slow(action.costMs);
      return void clock.after(action.forMs, () => thread.slow(0));
    case "delay": {
      const { from, to, delayMs, forMs } = action;
      const delay = (ms: number) => (to === 0 ? thread.delayToMain(ms) : thread.delay(from, ms));
      delay(delayMs);
      return void clock.after(forMs, () => delay(0));
    }
  }
}
