/** strikeProcess: carries out what a fault does to a simulated process, from outside. */

import type { SimulatedThread, SimulatedWorld } from "../../runtime/index.ts";
import type { FaultAction } from "./fault-action.ts";
import type { SimulatedStore } from "./simulated-store.ts";
import { strikeThread, struckTarget, type ThreadAction } from "./strike-thread.ts";

/** What there is to strike. */
export interface Target {
  readonly world: SimulatedWorld;
  readonly store: SimulatedStore;
  /** The thread of a host; undefined while there is none. */
  threadOf(host: number): SimulatedThread | undefined;
  /** Where an operator instance is; undefined where it is not there. */
  hostOf(operator: string, instance: number): number | undefined;
  /** False while it is down. */
  kill(downMs: number): boolean;
}

/** False when there is nothing to strike now. */
export function strikeProcess(target: Target, action: FaultAction): boolean {
  switch (action.kind) {
    case "crash":
    case "exit":
    case "stray-throw":
    case "stray-reject":
    case "overflow-heap":
    case "hang":
    case "slow":
    case "delay":
      return strikeHost(target, action);
    case "kill-process":
      return target.kill(action.downMs);
    case "fail-write":
      target.store.failWrites(action.count);
      return true;
    case "slow-write":
      target.store.slow(action.delayMs, action.forMs);
      return true;
    case "jump":
      target.world.jumpWall(action.byMs);
      return true;
    default:
      // Inside operators, where the driver lets them happen.
      return true;
  }
}

function strikeHost(target: Target, action: ThreadAction): boolean {
  const struck = struckTarget(action);
  const host = struck.kind === "host" ? struck.host : target.hostOf(struck.operator, struck.instance);
  if (struck.kind === "host" && host === 0) return strikeMain(target, action);
  const thread = host === undefined ? undefined : target.threadOf(host);
  if (thread === undefined) return false;
  strikeThread(thread, action, target.world.outside.clock);
  return true;
}

function strikeMain({ world, kill }: Target, action: ThreadAction): boolean {
  if (action.kind === "slow" || action.kind === "delay") return false;
  if (action.kind !== "hang") return kill(restartMsDefault);
  world.main.hold(action.forMs);
  return true;
}

/** A process that was crashed by its first thread is started again after so many ms. */
const restartMsDefault = 1_000;
