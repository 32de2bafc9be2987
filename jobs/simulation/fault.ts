/**
 * Fault: what goes wrong in a run, and when; plain data, made by the functions of this file. `simulate` and `runWithFaults` take
 * the same.
 *
 *   const faults = [crash("counter", 1).after(500), hang(host(2)).for("3s").at("2s"), killProcess().randomly(0.1)];
 */

import {
  assertPlainData,
  type Duration,
  durationMs,
  hostCountMax,
  OptionError,
  wholeNumber,
} from "../../runtime/index.ts";
import { parallelismMax } from "../limits.ts";
import {
  type FaultAction,
  type FaultTarget,
  type HangWay,
  type HostTarget,
  hangWays,
  type OperatorTarget,
  type PlannedFault,
  type PoisonRule,
} from "./fault-action.ts";
import { type ThrownKind, thrownKinds } from "./thrown-value.ts";

export type {
  FaultAction,
  FaultTarget,
  FaultTrigger,
  HangWay,
  HostTarget,
  OperatorTarget,
  PlannedFault,
  PoisonRule,
} from "./fault-action.ts";

type ActionOf<Kind extends FaultAction["kind"]> = Extract<FaultAction, { readonly kind: Kind }>;
type Throwing = ActionOf<"fail" | "stray-throw" | "stray-reject">;
type Counted = ActionOf<"fail-start" | "fail-commit">;

/** A fault without a time yet. Throws ERR_RT_OPTION for a time that cannot be. */
export class Fault<Action extends FaultAction = FaultAction> {
  readonly action: Action;

  /** @internal Faults are made by `crash`, `fail` and so on. */
  constructor(action: Action) {
    this.action = action;
  }

  /** Once, so long after the start of the run. */
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

  /** At times that the seed decides, so often a second. */
  randomly(perSecond: number): PlannedFault {
    if (!(perSecond > 0 && perSecond <= 1_000))
      throw new OptionError("randomly", perSecond, "a rate above 0, up to 1,000");
    return { action: this.action, trigger: { kind: "randomly", perSecond } };
  }

  /** The same with something said otherwise. */
  protected with(change: Partial<Action>): this {
    const Kind = this.constructor as new (action: Action) => this;
    return new Kind({ ...this.action, ...change });
  }
}

/** A fault that lasts. */
export class LastingFault<Action extends FaultAction & { readonly forMs: number }> extends Fault<Action> {
  /** How long it lasts. */
  for(time: Duration): this {
    return this.with({ forMs: positiveMs(time, "for") } as Partial<Action>);
  }
}

/** A fault that may never end. */
export class EndlessFault<Action extends FaultAction & { readonly forMs: number }> extends LastingFault<Action> {
  /** It lasts as long as what it strikes. */
  forever(): this {
    return this.with({ forMs: Number.POSITIVE_INFINITY } as Partial<Action>);
  }
}

/** A thread that stands still. */
export class HangingFault extends EndlessFault<ActionOf<"hang">> {
  /** What a real thread does meanwhile, a `loop` by default; a simulated one does nothing. */
  by(way: HangWay): this {
    if (!hangWays.includes(way)) throw new OptionError("by", way, hangWays.join(", "));
    return this.with({ by: way });
  }
}

/** A fault by which code of the job throws. */
export class ThrowingFault<Action extends Throwing> extends Fault<Action> {
  /** What it throws: an `error` by default. */
  throwing(thrown: ThrownKind): this {
    if (!thrownKinds.includes(thrown)) throw new OptionError("throwing", thrown, thrownKinds.join(", "));
    return this.with({ thrown } as Partial<Action>);
  }
}

/** A fault that something meets when it tries the next time, and the time after. */
export class CountedFault<Action extends Counted> extends Fault<Action> {
  /** How many tries fail, 1 by default. */
  times(count: number): this {
    return this.with({ count: wholeNumber("times", count, 1, 1_000) } as Partial<Action>);
  }
}

/** Throws ERR_RT_OPTION. */
export function host(number: number): HostTarget {
  return { kind: "host", host: wholeNumber("host", number, 0, hostCountMax) };
}

/** The thread dies, with everything on it: that of a host, or that on which an operator instance lives. It is ended from outside. */
export function crash(target: HostTarget): Fault;
export function crash(operator: string, instance?: number): Fault;
export function crash(target: HostTarget | string, instance = 0): Fault {
  return new Fault({ kind: "crash", target: targetOf(target, instance) });
}

/** Code on the thread calls `process.exit`, by default with 0: that is a death like any other. */
export function exit(target: HostTarget, code?: number): Fault;
export function exit(operator: string, instance?: number, code?: number): Fault;
export function exit(target: HostTarget | string, first = 0, second = 0): Fault {
  const [instance, code] = typeof target === "string" ? [first, second] : [0, first];
  return new Fault({ kind: "exit", target: targetOf(target, instance), code: wholeNumber("code", code, 0, 255) });
}

/** A callback of a timer on the thread throws, where nobody catches it. */
export function strayThrow(target: HostTarget): ThrowingFault<ActionOf<"stray-throw">>;
export function strayThrow(operator: string, instance?: number): ThrowingFault<ActionOf<"stray-throw">>;
export function strayThrow(target: HostTarget | string, instance = 0): ThrowingFault<ActionOf<"stray-throw">> {
  return new ThrowingFault({ kind: "stray-throw", target: targetOf(target, instance), thrown: "error" });
}

/** A promise on the thread rejects, and nobody waits for it. */
export function strayReject(target: HostTarget): ThrowingFault<ActionOf<"stray-reject">>;
export function strayReject(operator: string, instance?: number): ThrowingFault<ActionOf<"stray-reject">>;
export function strayReject(target: HostTarget | string, instance = 0): ThrowingFault<ActionOf<"stray-reject">> {
  return new ThrowingFault({ kind: "stray-reject", target: targetOf(target, instance), thrown: "error" });
}

/** Code on the thread keeps ever more in memory, until the thread is beyond its share of the heap and ends itself. */
export function overflowHeap(target: HostTarget): Fault;
export function overflowHeap(operator: string, instance?: number): Fault;
export function overflowHeap(target: HostTarget | string, instance = 0): Fault {
  return new Fault({ kind: "overflow-heap", target: targetOf(target, instance) });
}

/** The operator throws at the next event. */
export function fail(operator: string, instance = 0): ThrowingFault<ActionOf<"fail">> {
  return new ThrowingFault({ kind: "fail", target: operatorTarget(operator, instance), thrown: "error" });
}

/**
 * Every instance of the operator throws at certain events, each time that they come: those for which a function says so,
 * those equal to a value, or about one in so many, by what they say. Functions can be simulated only: a real thread cannot
 * be handed one.
 */
export function poison<T>(
  operator: string,
  when: ((event: T) => boolean) | { readonly equals: T } | { readonly oneIn: number },
): PlannedFault {
  const action = { kind: "poison", operator: operatorTarget(operator, 0).operator, when: poisonRule(when) } as const;
  return { action, trigger: { kind: "always" } };
}

/** The operator cannot be opened, `times(1)`: it meets the next starts, so that it needs a fault that makes it start over. */
export function failStart(operator: string, instance = 0): CountedFault<ActionOf<"fail-start">> {
  return new CountedFault({ kind: "fail-start", target: operatorTarget(operator, instance), count: 1 });
}

/** The operator or sink takes no events, 10 s unless `for` or `forever` says otherwise; what is upstream of it has to wait. */
export function stall(operator: string, instance = 0): EndlessFault<ActionOf<"stall">> {
  return new EndlessFault({ kind: "stall", target: operatorTarget(operator, instance), forMs: 10_000 });
}

/** The next commit of a transactional sink fails, `times(1)`: what it has prepared is not there yet. */
export function failCommit(sink: string, instance = 0): CountedFault<ActionOf<"fail-commit">> {
  return new CountedFault({ kind: "fail-commit", target: operatorTarget(sink, instance), count: 1 });
}

/**
 * The thread stands still, 10 s unless `for` or `forever` says otherwise: long enough for its watchdog to replace it.
 * `by` says what a real one does.
 */
export function hang(target: HostTarget): HangingFault;
export function hang(operator: string, instance?: number): HangingFault;
export function hang(target: HostTarget | string, instance = 0): HangingFault {
  return new HangingFault({ kind: "hang", target: targetOf(target, instance), forMs: 10_000, by: "loop" });
}

/** Each thing that a thread does takes it `cost`, for 10 s unless `for` says otherwise; on a real one, each event. */
export function slow(target: HostTarget, cost: Duration): LastingFault<ActionOf<"slow">> {
  return new LastingFault({ kind: "slow", target, costMs: positiveMs(cost, "cost"), forMs: 10_000 });
}

/** What one host sends another arrives later, in order, for 10 s unless `for` says otherwise. */
export function delay(from: number, to: number, by: Duration): LastingFault<ActionOf<"delay">> {
  return new LastingFault({
    kind: "delay",
    from: host(from).host,
    to: host(to).host,
    delayMs: positiveMs(by, "by"),
    forMs: 10_000,
  });
}

/**
 * The process dies; a new one goes on with what the store holds after `down`, 1 s by default. A real one goes on as soon as
 * its supervisor has another.
 */
export function killProcess(down: Duration = "1s"): Fault {
  return new Fault({ kind: "kill-process", downMs: durationMs(down, "down") });
}

/** The next `count` checkpoints cannot be written at first. */
export function failWrite(count = 1): Fault {
  return new Fault({ kind: "fail-write", count: wholeNumber("count", count, 1, 1_000) });
}

/** Writing a checkpoint takes longer, for 10 s unless `for` says otherwise. */
export function slowWrite(by: Duration): LastingFault<ActionOf<"slow-write">> {
  return new LastingFault({ kind: "slow-write", delayMs: positiveMs(by, "by"), forMs: 10_000 });
}

/** The wall clock of every thread jumps, forwards or backwards: by so many ms, or by a time such as "1h" or "-1h". */
export function jumpClock(by: Duration | `-${string}`): Fault {
  return new Fault({ kind: "jump", byMs: jumpMs(by) });
}

function jumpMs(by: Duration | `-${string}`): number {
  if (typeof by === "number") return wholeNumber("by", by, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return by.startsWith("-") ? -durationMs(by.slice(1) as Duration, "by") : durationMs(by as Duration, "by");
}

function poisonRule(when: unknown): PoisonRule {
  if (typeof when === "function") return { kind: "test", test: when as (event: unknown) => boolean };
  if (typeof when === "object" && when !== null) {
    if ("oneIn" in when) return { kind: "one-in", count: wholeNumber("oneIn", when.oneIn, 1, Number.MAX_SAFE_INTEGER) };
    if ("equals" in when) {
      assertPlainData(when.equals, "equals");
      return { kind: "equals", value: when.equals };
    }
  }
  throw new OptionError("poison", when, "a function of an event, { equals: event } or { oneIn: 100 }");
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
