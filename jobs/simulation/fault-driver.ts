/**
 * FaultDriver: lets the faults of a plan happen when they are due, in whichever life of the process that is, and remembers
 * which did.
 */

import { SimulatedDeathError, type SimulatedWorld } from "../../runtime/index.ts";
import type { FaultAction, PlannedFault } from "./fault-action.ts";
import type { InstanceFaults } from "./faulty-logic.ts";
import { faultsOfInstance, PlannedInstance } from "./planned-instance.ts";

/** A fault that happened. */
export interface StruckFault {
  readonly atMs: number;
  readonly action: FaultAction;
  /** The fault point at which it struck, if it waited for one. */
  readonly point?: string;
}

/** Whoever comes to a fault point dies there, the n-th time that somebody does: a thread, or, on the first one, the process. */
export interface DeathAtPoint {
  readonly point: string;
  readonly nth: number;
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
  readonly #instances = new Map<string, PlannedInstance>();
  /** How often fault points were passed, by name. */
  readonly #passes = new Map<string, number>();
  #quiet = false;
  #watchesAll = false;

  constructor(
    world: SimulatedWorld,
    faults: readonly PlannedFault[],
    strike: Strike,
    deaths: readonly DeathAtPoint[] = [],
  ) {
    this.#world = world;
    this.#faults = faults;
    this.#strike = strike;
    for (const fault of faults) this.#schedule(fault);
    if (deaths.length > 0) world.onFaultPoint = (host, point) => this.#passed(host, point, deaths);
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
  happen(action: FaultAction, point?: string): boolean {
    if (this.#quiet) return false;
    switch (action.kind) {
      case "fail":
      case "fail-start":
      case "fail-commit":
      case "stall":
        this.#instanceOf(action.target.operator, action.target.instance).strike(action);
        break;
      default:
        if (!this.#strike(action)) return false;
    }
    this.#note(action, point);
    return true;
  }

  /** The faults of an operator instance, through all its incarnations; undefined when the plan has none. */
  faultsOf(operator: string, instance: number): InstanceFaults | undefined {
    const isConcerned = faultsOfInstance(this.#faults, operator, instance).length > 0;
    return isConcerned || this.#watchesAll ? this.#instanceOf(operator, instance) : undefined;
  }

  #instanceOf(operator: string, instance: number): PlannedInstance {
    const place = `${operator}/${instance}`;
    const known = this.#instances.get(place);
    if (known !== undefined) return known;
    const made = new PlannedInstance(place, faultsOfInstance(this.#faults, operator, instance), {
      countEvent: () => {
        const eventCount = (this.#eventCounts.get(place) ?? 0) + 1;
        this.#eventCounts.set(place, eventCount);
        return eventCount;
      },
      nowMs: () => this.#world.nowMs,
      onDue: (action) => this.happen(action),
      onPoison: (action) => this.#note(action),
    });
    this.#instances.set(place, made);
    return made;
  }

  /** Throws where a host dies. */
  #passed(host: number, point: string, deaths: readonly DeathAtPoint[]): void {
    const passes = (this.#passes.get(point) ?? 0) + 1;
    this.#passes.set(point, passes);
    if (!deaths.some((death) => death.point === point && death.nth === passes)) return;
    const action: FaultAction =
      host === 0 ? { kind: "kill-process", downMs: 0 } : { kind: "crash", target: { kind: "host", host } };
    if (this.happen(action, point)) throw new SimulatedDeathError(`host ${host} died at ${point}`);
  }

  #note(action: FaultAction, point?: string): void {
    const { history, nowMs } = this.#world;
    history.add(nowMs, "fault", point === undefined ? JSON.stringify(action) : `${JSON.stringify(action)} at ${point}`);
    this.struck.push(point === undefined ? { atMs: nowMs, action } : { atMs: nowMs, action, point });
    this.#calmFromMs = Math.max(this.#calmFromMs, nowMs + lastsMs(action));
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
      case "always":
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

/** A fault that found nothing to strike looks again after so long. */
const missedMs = 5;
