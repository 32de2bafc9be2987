/**
 * process: an operator of a job author's own, with its own state, timers, messages and named outputs: an object per instance,
 * made from a class or by a function.
 *
 * Event time is passed on behind the timers that are due by then and their results. Timers of processing time that fell due
 * while the operator did not run fire when it is restored; those that are not due when its input ends are dropped.
 *
 * Not here: what it is given (process-context.ts), its state by name (../state/operator-state.ts).
 */

import { checkName, MillraceError, OptionError, reasonOf } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange, StateEntry } from "../epochs/state-delta.ts";
import { batchEventsMax, statePiecesPerEvent, statePiecesPerSweep, stateSweepIntervalMs } from "../limits.ts";
import type { OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { followedBy, type Pieces, untilDone } from "../pieces.ts";
import { type StateSize, sumOfSizes } from "../state/state-size.ts";
import { Alarm } from "../time/alarm.ts";
import { type Timer, TimerTable } from "../time/timer-table.ts";
import type { Watermark } from "../time/watermark.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";
import { type ProcessContext, ProcessCursor } from "./process-context.ts";

/** What a job author writes. Only `open` and `close` may return promises that are waited for. */
export interface ProcessOperator<A = unknown, B = unknown> {
  open?(context: ProcessContext<B>): void | Promise<void>;
  /** One event. What it throws is a failure of this event, whose results are taken back. */
  onEvent(event: A, context: ProcessContext<B>): void;
  /** A timer that was set with `context.timers` is due; `context.key` is its key. What it throws is a failure of the instance. */
  onTimer?(timer: Timer, context: ProcessContext<B>): void;
  /** Event time has come so far on its input, and the timers due by then have fired; Infinity at the end of the input. */
  onWatermark?(watermark: number, context: ProcessContext<B>): void;
  /** A tell or an ask from outside the stream, between events. What it returns, or resolves to, answers the ask. */
  onMessage?(message: unknown, context: ProcessContext<B>): unknown;
  /**
   * The input has ended: last results. Of many results a generator tells some at a time: what is behind a `yield` follows when what was
   * before it has been handed on.
   */
  onEnd?(context: ProcessContext<B>): void | Pieces;
  close?(): void | Promise<void>;
}

export interface ProcessOptions {
  /** Names of further outputs beside "main". */
  readonly outputs?: readonly string[];
  /** Whether its input has keys, so that its state is one per key. Default false. */
  readonly keyed?: boolean;
}

/** What makes the operators: one for each instance, a new one after each restart. */
export type ProcessMaker<A, B> = (new () => ProcessOperator<A, B>) | (() => ProcessOperator<A, B>);

/** A `process` operator that is none, or that could not be made. */
export class ProcessError extends MillraceError {
  readonly code = "ERR_ACT_PROCESS";
}

/**
 * Runs an operator of your own: a class that takes no arguments, or a function that returns the operator.
 *
 * When an instance starts and its operator cannot be made, it fails with ERR_ACT_PROCESS, the cause being what was thrown.
 *
 * @throws ERR_RT_OPTION for what is neither class nor function and for wrong output names, ERR_ACT_PROCESS for a class
 * without a method `onEvent`, ERR_ACT_ASYNC_FUNCTION when that is async
 */
export function process<A, B>(maker: ProcessMaker<A, B>, options: ProcessOptions = {}): OperatorSpec {
  if (typeof maker !== "function")
    throw new OptionError("process", maker, "a class or a function that returns an operator");
  if (isClass(maker)) checkOperator(maker.prototype, `class ${maker.name || "(anonymous)"}`);
  else checkPlainFunction("process", maker);
  const outputs = checkOutputs(options.outputs ?? []);
  const keyed = options.keyed ?? false;
  return { kind: "process", outputs, takesMessages: true, create: () => new ProcessLogic(maker, outputs, keyed) };
}

class ProcessLogic implements OperatorLogic {
  readonly #maker: ProcessMaker<never, unknown>;
  readonly #outputs: readonly string[];
  readonly #isKeyed: boolean;
  /** Made in `open`, where a failure can name the operator and is supervised. */
  #operator!: ProcessOperator;
  #cursor!: ProcessCursor;
  #timers!: TimerTable;
  #context!: OperatorContext;
  #alarm!: Alarm;
  /** When state that has run out is swept next, on the wall clock; undefined while none can run out by it. */
  #sweepAt: number | undefined;
  /** Present when the operator takes messages. */
  onMessage?: (message: unknown, output: Output) => unknown;

  constructor(maker: ProcessMaker<never, unknown>, outputs: readonly string[], isKeyed: boolean) {
    this.#maker = maker;
    this.#outputs = outputs;
    this.#isKeyed = isKeyed;
  }

  open(context: OperatorContext): void | Promise<void> {
    this.#context = context;
    this.#alarm = new Alarm(context);
    this.#timers = new TimerTable(context.operator, this.#isKeyed ? "key" : "instance");
    this.#cursor = new ProcessCursor(context, this.#outputs, this.#isKeyed, this.#timers);
    this.#operator = make(this.#maker, context.operator);
    if (this.#operator.onMessage !== undefined) {
      this.onMessage = (message, output) =>
        this.#between(output, () => this.#operator.onMessage?.(message, this.#cursor));
    }
    return this.#operator.open?.(this.#cursor);
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const operator = this.#operator;
    const cursor = this.#cursor;
    const { values, keys } = batch;
    cursor.direct(output);
    cursor.enter(batch);
    try {
      for (let index = from; index < to; index += 1) {
        if (keys !== undefined) cursor.state.expect(keys, from, index, to);
        output.begin(index);
        cursor.moveOnTo(index, keys === undefined ? undefined : keys[index]);
        checkPlainResult("process: onEvent", operator.onEvent(values[index], cursor));
      }
    } finally {
      cursor.direct(undefined);
      cursor.leave();
      cursor.state.sweep((to - from) * statePiecesPerEvent);
      this.#setAlarm();
    }
  }

  onWatermark({ time, isIdle }: Watermark, output: Output): Pieces | undefined {
    return followedBy(this.#fire("event-time", time, output), () => {
      if (this.#operator.onWatermark !== undefined) {
        this.#between(output, () =>
          checkPlainResult("process: onWatermark", this.#operator.onWatermark?.(time, this.#cursor)),
        );
      }
      this.#cursor.state.sweep(statePiecesPerEvent);
      output.advance(time, isIdle);
    });
  }

  onWake(output: Output): Pieces | undefined {
    const now = this.#context.clock.wallMs();
    if (this.#sweepAt !== undefined && this.#sweepAt <= now) {
      this.#cursor.state.sweep(statePiecesPerSweep);
      this.#sweepAt = undefined;
    }
    return this.#fire("processing-time", now, output);
  }

  onEnd(output: Output): Pieces | undefined {
    const pieces = this.#between(output, () => this.#operator.onEnd?.(this.#cursor));
    checkPlainResult("process: onEnd", pieces);
    if (typeof pieces !== "object" || pieces === null || typeof pieces.next !== "function") return undefined;
    return untilDone(() => this.#between(output, () => pieces.next()).done === true);
  }

  snapshot(): readonly StateChange[] {
    return [...this.#cursor.state.snapshot(), ...this.#timers.snapshot()];
  }

  stateSize(): StateSize {
    return sumOfSizes([this.#cursor.state.stateSize, this.#timers.stateSize]);
  }

  readState(key: Key | undefined): Iterable<StateEntry> {
    return this.#cursor.state.entries(key);
  }

  restore(state: readonly StateGroup[]): void {
    this.#cursor.state.restore(this.#timers.restore(state));
    this.#setAlarm();
  }

  close(): void | Promise<void> {
    // Closing follows a failed `open` too.
    this.#alarm?.cancel();
    return this.#operator?.close?.();
  }

  #between<R>(output: Output, call: () => R): R {
    this.#cursor.direct(output);
    try {
      return call();
    } finally {
      this.#cursor.direct(undefined);
      this.#setAlarm();
    }
  }

  /** Fires the timers that are due; those that they set for a time that has come fire, too. */
  #fire(kind: Timer["kind"], time: number, output: Output): Pieces | undefined {
    return untilDone(() => this.#fireSome(kind, time, output));
  }

  /** False while more may be due. */
  #fireSome(kind: Timer["kind"], time: number, output: Output): boolean {
    const cursor = this.#cursor;
    cursor.direct(output);
    try {
      for (let count = 0; count < batchEventsMax; count += 1) {
        const timer = this.#timers.takeDue(kind, time);
        if (timer === undefined) return true;
        cursor.moveToTimer(timer);
        checkPlainResult("process: onTimer", this.#operator.onTimer?.(timer, cursor));
      }
      return false;
    } finally {
      cursor.direct(undefined);
      cursor.leave();
      this.#setAlarm();
    }
  }

  /** Wakes the operator when its first timer of processing time is due, or it is time to sweep. */
  #setAlarm(): void {
    if (!this.#cursor.state.runsOutByClock) this.#sweepAt = undefined;
    else this.#sweepAt ??= this.#context.clock.wallMs() + stateSweepIntervalMs;
    this.#alarm.set(Math.min(this.#timers.firstTime("processing-time"), this.#sweepAt ?? Number.POSITIVE_INFINITY));
  }
}

function make(maker: ProcessMaker<never, unknown>, operatorName: string): ProcessOperator {
  const what = isClass(maker) ? `class ${maker.name || "(anonymous)"}` : `function ${maker.name || "(anonymous)"}`;
  let made: ProcessOperator;
  try {
    made = isClass(maker) ? new maker() : (maker as () => ProcessOperator)();
  } catch (error) {
    throw new ProcessError(`operator "${operatorName}": ${what} could not make an operator: ${reasonOf(error)}`, {
      cause: error,
      details: { operator: operatorName },
    });
  }
  checkOperator(made, `operator "${operatorName}": what ${what} made`);
  return made;
}

function checkOperator(candidate: unknown, what: string): void {
  const onEvent =
    typeof candidate === "object" && candidate !== null ? (candidate as ProcessOperator).onEvent : undefined;
  if (typeof onEvent === "function") return checkPlainFunction(`process: ${what}: onEvent`, onEvent);
  throw new ProcessError(`process: ${what} has no method onEvent(event, context); a field of a class is not one`);
}

/** A class is called with `new`; an arrow function cannot be. */
export function isClass<O>(maker: (new () => O) | (() => O)): maker is new () => O {
  return /^class\b/.test(Function.prototype.toString.call(maker));
}

function checkOutputs(names: unknown): string[] {
  if (!Array.isArray(names)) throw new OptionError("process: outputs", names, "an array of names");
  const outputs = ["main", ...names.map((name) => checkName("process: output", name))];
  const twice = outputs.find((name, index) => outputs.indexOf(name) !== index);
  if (twice !== undefined) throw new OptionError("process: outputs", twice, 'names that differ, also from "main"');
  return outputs;
}
