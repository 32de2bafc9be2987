/** PlannedInstance: the faults of a plan that strike in one operator instance: what it has met so far, and what it is to meet. */

import type { FaultAction, PlannedFault } from "./fault-action.ts";
import type { InstanceFaults } from "./faulty-logic.ts";
import { isPoison } from "./poison-rule.ts";
import { InjectedError, type ThrownKind, thrownValue } from "./thrown-value.ts";

/** Strikes that something inside the operator carries out. */
export type InnerAction = Extract<FaultAction, { readonly kind: "fail" | "fail-start" | "fail-commit" | "stall" }>;

export interface PlannedInstanceHooks {
  /** So many events have reached it, over its incarnations. */
  countEvent(): number;
  nowMs(): number;
  /** A fault is due. */
  onDue(action: FaultAction): void;
  /** It has met an event that is poison. */
  onPoison(action: FaultAction): void;
}

export class PlannedInstance implements InstanceFaults {
  /** For messages: `counter/1`. */
  readonly #place: string;
  readonly #hooks: PlannedInstanceHooks;
  readonly #due: ReadonlyMap<number, readonly FaultAction[]>;
  readonly #poisons: readonly Extract<FaultAction, { readonly kind: "poison" }>[];
  readonly #toThrow: ThrownKind[] = [];
  #startsToFail = 0;
  #commitsToFail = 0;
  #stalledUntilMs = 0;

  /** @param faults those that name the instance, or its operator */
  constructor(place: string, faults: readonly PlannedFault[], hooks: PlannedInstanceHooks) {
    this.#place = place;
    this.#hooks = hooks;
    const due = new Map<number, FaultAction[]>();
    for (const { action, trigger } of faults) {
      if (trigger.kind === "after") due.set(trigger.eventCount, [...(due.get(trigger.eventCount) ?? []), action]);
    }
    this.#due = due;
    this.#poisons = faults.flatMap(({ action }) => (action.kind === "poison" ? [action] : []));
  }

  /** Something is to go wrong in it from now on. */
  strike(action: InnerAction): void {
    switch (action.kind) {
      case "fail":
        this.#toThrow.push(action.thrown);
        return;
      case "fail-start":
        this.#startsToFail += action.count;
        return;
      case "fail-commit":
        this.#commitsToFail += action.count;
        return;
      case "stall":
        this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#hooks.nowMs() + action.forMs);
    }
  }

  get arePoisoned(): boolean {
    return this.#poisons.length > 0;
  }

  onEvent(event: unknown): void {
    const eventCount = this.#hooks.countEvent();
    for (const action of this.#due.get(eventCount) ?? []) this.#hooks.onDue(action);
    const thrown = this.#toThrow.shift();
    if (thrown !== undefined) throw thrownValue(thrown, `${this.#place} failed at event ${eventCount}, as planned`);
    for (const action of this.#poisons) {
      if (!isPoison(action.when, event)) continue;
      this.#hooks.onPoison(action);
      throw new InjectedError(`event ${eventCount} is poison for ${this.#place}, as planned`);
    }
  }

  onOpen(): void {
    if (this.#startsToFail === 0) return;
    this.#startsToFail -= 1;
    throw new InjectedError(`${this.#place} could not be opened, as planned`);
  }

  onCommit(): void {
    if (this.#commitsToFail === 0) return;
    this.#commitsToFail -= 1;
    throw new InjectedError(`${this.#place} could not commit, as planned`);
  }

  stalledMs(): number {
    return Math.max(0, this.#stalledUntilMs - this.#hooks.nowMs());
  }
}

/** The faults of a plan that strike in one operator instance, or wherever it is when so many events have reached it. */
export function faultsOfInstance(
  faults: readonly PlannedFault[],
  operator: string,
  instance: number,
): readonly PlannedFault[] {
  return faults.filter(({ action }) => {
    if (action.kind === "poison") return action.operator === operator;
    if (!("target" in action) || action.target.kind !== "operator") return false;
    return action.target.operator === operator && action.target.instance === instance;
  });
}
