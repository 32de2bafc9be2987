/** FaultAction: what can go wrong, and when, as plain data. It is made by the functions of fault.ts, and said to other threads. */

import type { ThrownKind } from "./thrown-value.ts";

/** A thread by its number; 0 is the one that submitted the job. */
export interface HostTarget {
  readonly kind: "host";
  readonly host: number;
}

/** One instance of an operator, or the thread that it is on. */
export interface OperatorTarget {
  readonly kind: "operator";
  readonly operator: string;
  readonly instance: number;
}

export type FaultTarget = HostTarget | OperatorTarget;

/** Which events are poison: those that a function says, those that equal a value, or some, by what they say. */
export type PoisonRule =
  | { readonly kind: "test"; readonly test: (event: unknown) => boolean }
  | { readonly kind: "equals"; readonly value: unknown }
  | { readonly kind: "one-in"; readonly count: number };

/** How real code stands still: in a loop, waiting for memory to change, or in native code, where nobody can end it. */
export const hangWays = ["loop", "wait", "native"] as const;
export type HangWay = (typeof hangWays)[number];

export type FaultAction =
  /** The thread dies: it is ended from outside. */
  | { readonly kind: "crash"; readonly target: FaultTarget }
  /** Code on the thread calls `process.exit`. */
  | { readonly kind: "exit"; readonly target: FaultTarget; readonly code: number }
  /** A callback on the thread throws, or a promise there rejects, where nobody catches it. */
  | { readonly kind: "stray-throw"; readonly target: FaultTarget; readonly thrown: ThrownKind }
  | { readonly kind: "stray-reject"; readonly target: FaultTarget; readonly thrown: ThrownKind }
  /** The thread keeps ever more, until it is beyond its share of the heap. */
  | { readonly kind: "overflow-heap"; readonly target: FaultTarget }
  /** The operator throws at an event. */
  | { readonly kind: "fail"; readonly target: OperatorTarget; readonly thrown: ThrownKind }
  /** The operator throws at certain events, each time that they come. */
  | { readonly kind: "poison"; readonly operator: string; readonly when: PoisonRule }
  /** The operator cannot be opened, so many times. */
  | { readonly kind: "fail-start"; readonly target: OperatorTarget; readonly count: number }
  /** The operator takes no events. */
  | { readonly kind: "stall"; readonly target: OperatorTarget; readonly forMs: number }
  /** The next transactions of a sink cannot be committed at first. */
  | { readonly kind: "fail-commit"; readonly target: OperatorTarget; readonly count: number }
  /** The thread stands still. */
  | { readonly kind: "hang"; readonly target: FaultTarget; readonly forMs: number; readonly by: HangWay }
  /** Each thing that the thread does takes it longer. */
  | { readonly kind: "slow"; readonly target: FaultTarget; readonly costMs: number; readonly forMs: number }
  /** What a host sends another takes longer. */
  | {
      readonly kind: "delay";
      readonly from: number;
      readonly to: number;
      readonly delayMs: number;
      readonly forMs: number;
    }
  /** The process dies, and is started again after a while. */
  | { readonly kind: "kill-process"; readonly downMs: number }
  /** The next checkpoints cannot be written. */
  | { readonly kind: "fail-write"; readonly count: number }
  /** Writing a checkpoint takes longer. */
  | { readonly kind: "slow-write"; readonly delayMs: number; readonly forMs: number }
  /** The wall clock jumps. */
  | { readonly kind: "jump"; readonly byMs: number };

export type FaultTrigger =
  | { readonly kind: "at"; readonly ms: number }
  /** When so many events have reached the operator instance, counted over its incarnations. */
  | { readonly kind: "after"; readonly eventCount: number }
  | { readonly kind: "every"; readonly ms: number }
  /** At random times, so often a second. */
  | { readonly kind: "randomly"; readonly perSecond: number }
  /** From the first event to the last. */
  | { readonly kind: "always" };

export interface PlannedFault {
  readonly action: FaultAction;
  readonly trigger: FaultTrigger;
}
