/**
 * FaultDriver: lets the faults of a plan happen when they are due, in whichever life of the process that is, and remembers
 * which did.
 */

import type { SimulatedWorld } from "../../runtime/index.ts";
import type { FaultAction, PlannedFault } from "./fault.ts";
import type { Watch } from "./observed-logic.ts";

/** The operator was told to fail. */
export class InjectedError extends Error {
  override readonly name = "InjectedError";
}

/** A fault that happened. */
export interface StruckFault {
  readonly atMs: number;
  readonly action: FaultAction;
}

/** Carries a fault out; false when there is nothing to strike now. */
export type Strike = (action: FaultAction) => boolean;

export class FaultDriver {
  readonly struck: StruckFault[] = [];
  #calmFromMs = 0;
  readonly #world: SimulatedWorld;
  readonly #faults: readonly PlannedFault[];
  readonly #strike: Strike;
  /** Events that have reached an operator instance, by its name and number. */
  readonly #eventCounts = new Map<string, number>();
  /** Instances that are to fail at their next event. */
  readonly #toFail = new Map<string, number>();
  #quiet = false;
  #watchesAll = false;

  constructor(world: SimulatedWorld, faults: readonly PlannedFault[], strike: Strike) {
    this.#world = world;
    this.#faults = faults;
    this.#strike = strike;
    for (const fault of faults) this.#schedule(fault);
  }

  /** When the last of what struck was over; 0 when nothing did. */
  get calmFromMs(): number {
    return this.#calmFromMs;
  }

  /** Nothing goes wrong from now on. */
  quiet(): void {
    this.#quiet = true;
  }

  /** From now on every operator can be told to fail. */
  watchAll(): void {
    this.#watchesAll = true;
  }

  /** A fault happens now, unless everything is quiet; false when there is nothing to strike. */
  happen(action: FaultAction): boolean {
    if (this.#quiet) return false;
    const { history, nowMs } = this.#world;
    const what = `fault ${JSON.stringify(action)}`;
    if (action.kind === "fail") {
      const key = keyOf(action.target.operator, action.target.instance);
      this.#toFail.set(key, (this.#toFail.get(key) ?? 0) + 1);
    } else if (!this.#strike(action)) {
      return false;
    }
    history.add(nowMs, what);
    this.struck.push({ atMs: nowMs, action });
    this.#calmFromMs = Math.max(this.#calmFromMs, nowMs + lastsMs(action));
    return true;
  }

  /** What sees the events of an operator instance; undefined when no fault needs to. */
  watchOf(operator: string, instance: number): Watch | undefined {
    const concerned = this.#faults.filter(
      ({ action }) =>
        "target" in action &&
        action.target.kind === "operator" &&
        action.target.operator === operator &&
        action.target.instance === instance,
    );
    if (concerned.length === 0 && !this.#watchesAll) return undefined;
    const key = keyOf(operator, instance);
    return () => {
      const eventCount = (this.#eventCounts.get(key) ?? 0) + 1;
      this.#eventCounts.set(key, eventCount);
      for (const { action, trigger } of concerned) {
        if (trigger.kind === "after" && trigger.eventCount === eventCount) this.happen(action);
      }
      const left = this.#toFail.get(key) ?? 0;
      if (left === 0) return;
      this.#toFail.set(key, left - 1);
      throw new InjectedError(`${operator}/${instance} failed at event ${eventCount}, as planned`);
    };
  }

  #schedule({ action, trigger }: PlannedFault): void {
    const { clock } = this.#world.outside;
    switch (trigger.kind) {
      case "at":
        clock.after(trigger.ms, () => this.#happenOnce(action));
        return;
      case "every":
        return this.#repeat(action, () => trigger.ms);
      case "randomly":
        // Exponentially distributed waits: a Poisson process.
        return this.#repeat(action, () => (-1_000 * Math.log(1 - this.#world.random.next())) / trigger.perSecond);
      case "after":
        return;
    }
  }

  #repeat(action: FaultAction, waitMs: () => number): void {
    this.#world.outside.clock.after(waitMs(), () => {
      if (this.#quiet) return;
      this.happen(action);
      this.#repeat(action, waitMs);
    });
  }

  /** As soon as there is something to strike: a thread that is being replaced is back soon. */
  #happenOnce(action: FaultAction): void {
    if (this.#quiet || this.happen(action)) return;
    this.#world.outside.clock.after(missedMs, () => this.#happenOnce(action));
  }
}

function lastsMs(action: FaultAction): number {
  if ("forMs" in action) return action.forMs;
  return action.kind === "kill-process" ? action.downMs : 0;
}

function keyOf(operator: string, instance: number): string {
  return `${operator}/${instance}`;
}

/** A fault that found nothing to strike looks again after so long. */
const missedMs = 5;
