/**
 * Fault: what goes wrong in a simulation, and when; plain data, made by the functions of this file.
 *
 *   const faults = [crash("counter", 1).after(500), hang(host(2)).for("3s").at("2s"), killProcess().randomly(0.1)];
 */

import { type Duration, durationMs, hostCountMax, OptionError, wholeNumber } from "../../runtime/index.ts";
import { parallelismMax } from "../limits.ts";

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

export type FaultAction =
  /** The thread dies. */
  | { readonly kind: "crash"; readonly target: FaultTarget }
  /** The operator throws at an event. */
  | { readonly kind: "fail"; readonly target: OperatorTarget }
  /** The thread stands still. */
  | { readonly kind: "hang"; readonly target: FaultTarget; readonly forMs: number }
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
  /** At random times, so often a second of virtual time. */
  | { readonly kind: "randomly"; readonly perSecond: number };

export interface PlannedFault {
  readonly action: FaultAction;
  readonly trigger: FaultTrigger;
}

/** A fault without a time yet. Throws ERR_RT_OPTION for a time that cannot be. */
export class Fault<Action extends FaultAction = FaultAction> {
  readonly action: Action;

  /** @internal Faults are made by `crash`, `fail` and so on. */
  constructor(action: Action) {
    this.action = action;
  }

  /** Once, so long after the start of the simulation. */
  at(time: Duration): PlannedFault {
    return { action: this.action, trigger: { kind: "at", ms: durationMs(time, "at") } };
  }

  /** Once, at the event of that number that reaches the operator instance which the fault names. */
  after(eventCount: number): PlannedFault {
    const { action } = this;
    wholeNumber("after", eventCount, 1, Number.MAX_SAFE_INTEGER);
    if (!("target" in action) || action.target.kind !== "operator") {
      throw new OptionError("after", eventCount, "a time, for a fault that names no operator: at, every or randomly");
    }
    return { action, trigger: { kind: "after", eventCount } };
  }

  /** Again and again. */
  every(interval: Duration): PlannedFault {
    return { action: this.action, trigger: { kind: "every", ms: positiveMs(interval, "every") } };
  }

  /** At times that the seed decides, so often a second of virtual time. */
  randomly(perSecond: number): PlannedFault {
    if (!(perSecond > 0 && perSecond <= 1_000))
      throw new OptionError("randomly", perSecond, "a rate above 0, up to 1,000");
    return { action: this.action, trigger: { kind: "randomly", perSecond } };
  }
}

/** A fault that lasts. */
export class LastingFault<Action extends FaultAction & { readonly forMs: number }> extends Fault<Action> {
  /** How long it lasts. */
  for(time: Duration): LastingFault<Action> {
    return new LastingFault({ ...this.action, forMs: positiveMs(time, "for") });
  }
}

/** Throws ERR_RT_OPTION. */
export function host(number: number): HostTarget {
  return { kind: "host", host: wholeNumber("host", number, 0, hostCountMax) };
}

/** The thread dies, with everything on it: that of a host, or that on which an operator instance lives. */
export function crash(target: HostTarget): Fault;
export function crash(operator: string, instance?: number): Fault;
export function crash(target: HostTarget | string, instance = 0): Fault {
  return new Fault({ kind: "crash", target: targetOf(target, instance) });
}

/** The operator throws at the next event. */
export function fail(operator: string, instance = 0): Fault {
  return new Fault({ kind: "fail", target: operatorTarget(operator, instance) });
}

/** The thread stands still, 10 s unless `for` says otherwise: long enough for its watchdog to replace it. */
export function hang(target: HostTarget): LastingFault<FaultAction & { kind: "hang" }>;
export function hang(operator: string, instance?: number): LastingFault<FaultAction & { kind: "hang" }>;
export function hang(target: HostTarget | string, instance = 0): LastingFault<FaultAction & { kind: "hang" }> {
  return new LastingFault({ kind: "hang", target: targetOf(target, instance), forMs: 10_000 });
}

/** Each thing that a thread does takes it `cost`, for 10 s unless `for` says otherwise. */
export function slow(target: HostTarget, cost: Duration): LastingFault<FaultAction & { kind: "slow" }> {
  return new LastingFault({ kind: "slow", target, costMs: positiveMs(cost, "cost"), forMs: 10_000 });
}

/** What one host sends another arrives later, in order, for 10 s unless `for` says otherwise. */
export function delay(from: number, to: number, by: Duration): LastingFault<FaultAction & { kind: "delay" }> {
  return new LastingFault({
    kind: "delay",
    from: host(from).host,
    to: host(to).host,
    delayMs: positiveMs(by, "by"),
    forMs: 10_000,
  });
}

/** The process dies; a new one goes on with what the store holds after `down`, 1 s by default. */
export function killProcess(down: Duration = "1s"): Fault {
  return new Fault({ kind: "kill-process", downMs: durationMs(down, "down") });
}

/** The next `count` checkpoints cannot be written at first. */
export function failWrite(count = 1): Fault {
  return new Fault({ kind: "fail-write", count: wholeNumber("count", count, 1, 1_000) });
}

/** Writing a checkpoint takes longer, for 10 s unless `for` says otherwise. */
export function slowWrite(by: Duration): LastingFault<FaultAction & { kind: "slow-write" }> {
  return new LastingFault({ kind: "slow-write", delayMs: positiveMs(by, "by"), forMs: 10_000 });
}

/** The wall clock of every thread jumps, forwards or backwards, in ms. */
export function jumpClock(byMs: number): Fault {
  return new Fault({
    kind: "jump",
    byMs: wholeNumber("byMs", byMs, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  });
}

function targetOf(target: HostTarget | string, instance: number): FaultTarget {
  return typeof target === "string" ? operatorTarget(target, instance) : target;
}

function operatorTarget(operator: string, instance: number): OperatorTarget {
  if (typeof operator !== "string" || operator === "")
    throw new OptionError("operator", operator, "the name of an operator");
  return { kind: "operator", operator, instance: wholeNumber("instance", instance, 0, parallelismMax - 1) };
}

function positiveMs(time: Duration, name: string): number {
  const ms = durationMs(time, name);
  if (ms > 0) return ms;
  throw new OptionError(name, time, "a duration above 0");
}
