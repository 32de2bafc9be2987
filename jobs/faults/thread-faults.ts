/**
 * ThreadFaults: the faults of a plan on one worker thread: those inside the operators that live there, and those that the thread
 * does to itself. What main has decided it finds in shared memory, between events and, without any, every few ms.
 */

import { assert, type Clock } from "../../runtime/index.ts";
import type { FaultAction, PlannedFault } from "../simulation/fault-action.ts";
import type { InstanceFaults } from "../simulation/faulty-logic.ts";
import { isPoison } from "../simulation/poison-rule.ts";
import { InjectedError, thrownValue } from "../simulation/thrown-value.ts";
import { noteStrike, struckSoFar } from "./fault-journal.ts";
import type { ThreadFaultSetting } from "./fault-setting.ts";
import { FaultSlots } from "./fault-slots.ts";
import { isThreadAction, realStrike, spin } from "./real-strike.ts";

interface Indexed {
  readonly index: number;
  readonly fault: PlannedFault;
}

export class ThreadFaults {
  readonly #setting: ThreadFaultSetting;
  readonly #host: number;
  readonly #clock: Clock;
  readonly #slots: FaultSlots;
  /** Those that main lets happen on a thread. */
  readonly #ordered: readonly Indexed[];
  /** Those that have struck in an earlier life of the process. */
  readonly #spent: ReadonlySet<number>;
  #slowUntilMs = 0;
  #slowCostMs = 0;

  /** @param host the number of the host that the thread runs */
  constructor(setting: ThreadFaultSetting, host: number, clock: Clock) {
    this.#setting = setting;
    this.#host = host;
    this.#clock = clock;
    this.#slots = new FaultSlots(setting.memory);
    const all = setting.faults.map((fault, index) => ({ index, fault }));
    this.#ordered = all.filter(({ fault: { action } }) => isThreadAction(action) || action.kind === "slow");
    this.#spent = new Set(struckSoFar(setting.journal).map(({ fault }) => fault));
    this.#look();
  }

  instance(operator: string, instance: number): InstanceFaults {
    const place = `${operator}/${instance}`;
    const concerned = this.#concerning(operator, instance);
    const after = concerned.filter(
      ({ index, fault: { trigger } }) => trigger.kind === "after" && !this.#spent.has(index),
    );
    const of = (kind: FaultAction["kind"]) => concerned.filter(({ fault: { action } }) => action.kind === kind);
    const [throwing, poisons, starts, commits, stalls] = [
      of("fail"),
      of("poison"),
      of("fail-start"),
      of("fail-commit"),
      of("stall"),
    ];
    return {
      arePoisoned: poisons.length > 0,
      onEvent: (event) => {
        for (const { index, fault } of after) this.#count(index, fault);
        this.#carryOut();
        if (this.#slowUntilMs > 0) this.#beSlow();
        for (const { index, fault } of throwing) {
          if (this.#slots.take(index)) throw this.#thrown(fault.action, place);
        }
        for (const { index, fault } of poisons) this.#poison(index, fault.action, event, place);
      },
      onOpen: () => this.#failFirst(starts, `${place} could not be opened, as planned`),
      onCommit: () => this.#failFirst(commits, `${place} could not commit, as planned`),
      stalledMs: () => Math.max(0, ...stalls.map(({ index }) => this.#stalledMs(index))),
    };
  }

  #concerning(operator: string, instance: number): readonly Indexed[] {
    return this.#setting.faults.flatMap((fault, index) => {
      const { action } = fault;
      const isNamed =
        action.kind === "poison"
          ? action.operator === operator
          : "target" in action &&
            action.target.kind === "operator" &&
            action.target.operator === operator &&
            action.target.instance === instance;
      return isNamed ? [{ index, fault }] : [];
    });
  }

  /** An event has come that a fault counts. */
  #count(index: number, { action, trigger }: PlannedFault): void {
    if (trigger.kind !== "after") return;
    const isDue = this.#slots.eventsOf(index) + 1 === trigger.eventCount;
    // Before it is counted: whatever ends this thread in between, the fault is not one that nobody comes to any more.
    if (isDue) this.#note(index);
    this.#slots.countEvent(index);
    if (!isDue) return;
    if (isThreadAction(action)) realStrike(action, this.#clock);
    else if (action.kind === "stall") this.#slots.lastUntil(index, this.#nowMs + action.forMs);
    else this.#slots.add(index, "count" in action ? action.count : 1, this.#host);
  }

  /** What main has ordered this thread to do to itself. */
  #carryOut(): void {
    for (const { index, fault } of this.#ordered) {
      if (this.#slots.hostOf(index) !== this.#host || !this.#slots.take(index)) continue;
      const { action } = fault;
      this.#note(index);
      if (isThreadAction(action)) realStrike(action, this.#clock);
      else {
        assert(action.kind === "slow", "a thread is ordered to do what it can do to itself");
        this.#slowUntilMs = this.#clock.monotonicMs() + action.forMs;
        this.#slowCostMs = action.costMs;
      }
    }
  }

  #beSlow(): void {
    if (this.#clock.monotonicMs() < this.#slowUntilMs) spin(this.#slowCostMs, this.#clock);
    else this.#slowUntilMs = 0;
  }

  #thrown(action: FaultAction, place: string): unknown {
    assert(action.kind === "fail", "an operator throws when it is to fail");
    return thrownValue(action.thrown, `${place} failed, as planned`);
  }

  #poison(index: number, action: FaultAction, event: unknown, place: string): void {
    if (action.kind !== "poison" || !isPoison(action.when, event)) return;
    this.#note(index);
    throw new InjectedError(`an event is poison for ${place}, as planned`);
  }

  #failFirst(faults: readonly Indexed[], message: string): void {
    for (const { index } of faults) if (this.#slots.take(index)) throw new InjectedError(message);
  }

  #stalledMs(index: number): number {
    if (this.#slots.isForever(index)) return Number.POSITIVE_INFINITY;
    return this.#slots.untilMs(index) - this.#nowMs;
  }

  #note(fault: number): void {
    noteStrike(this.#setting.journal, { fault, atMs: this.#nowMs });
  }

  get #nowMs(): number {
    return this.#clock.wallMs() - this.#setting.startMs;
  }

  #look(): void {
    this.#carryOut();
    this.#clock.after(lookEveryMs, () => this.#look());
  }
}

const lookEveryMs = 5;
