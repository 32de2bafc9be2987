/** ProcessContext: what an operator of a job author's own is given: the event in hand, and where results go. */

import { MillraceError, OptionError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { lateOutputName, type OperatorContext, type Output } from "../operator.ts";
import { DeclaredStates } from "../state/declared-states.ts";
import type { OperatorState } from "../state/operator-state.ts";
import { type StateScope, wholeKey } from "../state/state-table.ts";
import type { TimeDomain } from "../time/time-domain.ts";
import type { Timer, TimerKind, TimerTable } from "../time/timer-table.ts";
import { type EventContext, EventCursor } from "./event-context.ts";

/** A result was put out on an output that the operator did not declare. */
export class OutputUnknownError extends MillraceError {
  readonly code = "ERR_ACT_OUTPUT_UNKNOWN";
}

/** A result was put out when nobody takes it: before the first event, behind an `await`, after the end. */
export class EmitOutsideError extends MillraceError {
  readonly code = "ERR_ACT_EMIT_OUTSIDE";
}

/** State was accessed where there is none to be had: outside the calls, or without an event whose key could be meant. */
export class StateOutsideError extends MillraceError {
  readonly code = "ERR_ACT_STATE_OUTSIDE";
}

export interface ProcessContext<B = unknown> extends EventContext {
  /** What the operator remembers over restarts, by name: per key behind `keyBy`, otherwise per instance. */
  readonly state: OperatorState;
  /** Calls of `onTimer` to come: per key behind `keyBy`, otherwise per instance; they are part of its state. */
  readonly timers: Timers;
  /** Which input the event in hand came in on, from 0. */
  readonly input: number;
  /**
   * A result on the main output, with the event time of the event or timer in hand, or `time` in ms since the epoch.
   *
   * @throws ERR_ACT_EMIT_OUTSIDE outside `onEvent`, `onTimer`, `onWatermark`, `onMessage` and `onEnd`, ERR_RT_OPTION when `time` is no number
   */
  emit(value: B, time?: number): void;
  /** A result on a named output. Throws like `emit`, and ERR_ACT_OUTPUT_UNKNOWN when it was not declared. */
  emitTo(output: string, value: unknown, time?: number): void;
  /** Puts an event that came too late on the output "late", where it is counted. Throws like `emitTo`. */
  late(event: unknown): void;
}

/**
 * Every method throws ERR_ACT_STATE_OUTSIDE where there is no key, as state does, ERR_RT_OPTION for a time that is none, and
 * ERR_ACT_TIMERS for one timer too many.
 */
export interface Timers {
  /** Calls `onTimer` when event time has come to `time`, in ms since the epoch; one for each time and name. */
  setEventTime(time: number, name?: string): void;
  /** Calls `onTimer` at `time` on the wall clock, in ms since the epoch, or as soon as possible behind it. */
  setProcessingTime(time: number, name?: string): void;
  /** Takes back what was set with the same time and name, if it is there. */
  deleteEventTime(time: number, name?: string): void;
  deleteProcessingTime(time: number, name?: string): void;
}

export class ProcessCursor extends EventCursor implements ProcessContext, StateScope {
  readonly state: DeclaredStates;
  readonly timers: Timers;
  readonly isKeyed: boolean;
  readonly #outputNames: readonly string[];
  readonly #indexOfOutput: ReadonlyMap<string, number>;
  /** Set while results are taken. */
  #output: Output | undefined;
  /** Of the event or timer in hand: state asks for it several times. */
  #key: Key | undefined;
  /** Of the timer in hand, if it is one of event time; the time of an event in hand is known to the output. */
  #timeOfTimer: number | undefined;
  /** The last one that was not the end of the input. */
  #lastWatermark = Number.NEGATIVE_INFINITY;

  /** @param isKeyed whether its input has keys */
  constructor(context: OperatorContext, outputNames: readonly string[], isKeyed: boolean, timers: TimerTable) {
    super(context);
    this.isKeyed = isKeyed;
    this.state = new DeclaredStates(context.operator, this);
    this.timers = timersInHand(timers, this);
    this.#outputNames = outputNames;
    this.#indexOfOutput = new Map(outputNames.map((name, index) => [name, index]));
  }

  override get key(): Key | undefined {
    return this.#key;
  }

  emit(value: unknown, time?: number): void {
    const output = this.#output;
    if (time === undefined && output !== undefined) output.emit(value, this.#timeOfTimer);
    else this.#taker(time).emit(value, time ?? this.#timeOfTimer);
  }

  emitTo(output: string, value: unknown, time?: number): void {
    const index = this.#indexOfOutput.get(output);
    if (index === undefined) throw this.#unknownOutput(output);
    this.#taker(time).emitTo(index, value, time ?? this.#timeOfTimer);
  }

  late(event: unknown): void {
    this.emitTo(lateOutputName, event);
  }

  keyFor(stateName: string): Key {
    const key = this.#key;
    if (key !== undefined) return key;
    this.checkCalled(stateName);
    if (!this.isKeyed) return wholeKey;
    throw this.#outside(
      stateName,
      "one per key, and there is no event in hand here; entries() and at(key) reach any key",
    );
  }

  checkCalled(stateName: string): void {
    if (this.#output !== undefined) return;
    throw this.#outside(
      stateName,
      "to be had only while onEvent, onTimer, onWatermark, onMessage or onEnd runs, not in open, behind an await or in a timeout",
    );
  }

  nowOf(time: TimeDomain): number {
    if (time === "processing") return this.clock.wallMs();
    const { watermark } = this;
    if (watermark !== Number.POSITIVE_INFINITY) this.#lastWatermark = watermark;
    return Math.max(this.#lastWatermark, this.time ?? Number.NEGATIVE_INFINITY);
  }

  /** Moves to a timer: its key is in hand, and where it is one of event time, its time. */
  moveToTimer({ kind, key, time }: Timer): void {
    const times = kind === "event-time" ? [time] : undefined;
    this.#timeOfTimer = times?.[0];
    this.moveTo({ values: noValues, times, keys: undefined }, 0);
    this.#key = this.isKeyed ? key : undefined;
  }

  /** Moves to event `index` of the batch that it is in, which has this key. */
  moveOnTo(index: number, key: Key | undefined): void {
    this.moveOn(index);
    this.#key = key;
  }

  override leave(): void {
    this.#key = undefined;
    this.#timeOfTimer = undefined;
    super.leave();
  }

  /** Results go to `output` from now on; with undefined, nobody takes any. */
  direct(output: Output | undefined): void {
    this.#output = output;
  }

  #taker(time: number | undefined): Output {
    if (time !== undefined && !Number.isFinite(time)) {
      throw new OptionError("emit: time", time, "ms since the epoch");
    }
    if (this.#output !== undefined) return this.#output;
    throw new EmitOutsideError(
      `operator "${this.operator}": results are taken only while onEvent, onTimer, onWatermark, onMessage or onEnd runs, not behind an await or in a timeout`,
      { details: { operator: this.operator } },
    );
  }

  #outside(stateName: string, why: string): StateOutsideError {
    return new StateOutsideError(`operator "${this.operator}": state ${JSON.stringify(stateName)} is ${why}`, {
      details: { operator: this.operator, state: stateName },
    });
  }

  #unknownOutput(output: unknown): OutputUnknownError {
    const declared = this.#outputNames.map((name) => JSON.stringify(name)).join(", ");
    return new OutputUnknownError(
      `operator "${this.operator}" has no output ${printValue(output)}, only ${declared}; declare it in process(..., { outputs })`,
      { details: { operator: this.operator, outputs: this.#outputNames } },
    );
  }
}

const noValues: readonly unknown[] = [];

/** The timers of the key in hand. */
function timersInHand(table: TimerTable, scope: StateScope): Timers {
  const timer = (kind: TimerKind, time: number, name: string) => {
    if (!Number.isFinite(time)) throw new OptionError("timers: time", time, "ms since the epoch");
    if (typeof name !== "string") throw new OptionError("timers: name", name, "a text");
    return { kind, key: scope.keyFor("timers"), time, name };
  };
  return {
    setEventTime: (time, name = "") => table.set(timer("event-time", time, name)),
    setProcessingTime: (time, name = "") => table.set(timer("processing-time", time, name)),
    deleteEventTime: (time, name = "") => table.delete(timer("event-time", time, name)),
    deleteProcessingTime: (time, name = "") => table.delete(timer("processing-time", time, name)),
  };
}
