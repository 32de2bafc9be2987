/**
 * forEach: calls the author's function with every event, in order, with a bounded number of calls in flight.
 *
 * A function that returns no promise costs no more than the call. One that does is watched: when it rejects or takes too
 * long it is called again as often as the author allows; after that the event has failed, and the supervisor decides as
 * it would for an operator that threw.
 */

import {
  type CancelTimer,
  checkNames,
  type Duration,
  durationMs,
  MillraceError,
  OptionError,
  wholeNumber,
} from "../../runtime/index.ts";
import { type Backoff, backoffDelayMs, checkBackoff } from "../backoff.ts";
import type { Batch, Key } from "../batch.ts";
import { callsInFlightMax } from "../limits.ts";
import type { EarlierEvent, OperatorContext, OperatorLogic, Output } from "../operator.ts";
import { CallAbandonedError } from "../operators/call-abandoned-error.ts";
import type { SinkSpec } from "../sink.ts";

export interface ForEachOptions {
  /**
   * How many calls may be in flight; default 1, so that each event is done with before the next begins. With more, calls
   * begin in order and end in any.
   */
  readonly concurrency?: number;
  /** How long a call may take; then its signal is aborted and it counts as failed. Default: as long as it likes. */
  readonly timeout?: Duration;
  /** Whether a call that failed is made again, with the event and a new signal; default not. */
  readonly retry?: RetryOptions;
}

export interface RetryOptions {
  /** How many calls are made for one event, the first included. */
  readonly attempts: number;
  /** Before the second call; doubles with each further one. Half of it is left to chance. Default `"100ms"`. */
  readonly delay?: Duration;
  /** Default `"10s"`. */
  readonly delayMax?: Duration;
}

/** Throws ERR_RT_OPTION. */
export function checkRetryNames(path: string, retry: RetryOptions | undefined): void {
  if (retry !== undefined) checkNames(path, retry, { attempts: true, delay: true, delayMax: true });
}

/** A call of the author's function took too long. */
export class CallTimeoutError extends MillraceError {
  readonly code = "ERR_ACT_CALL_TIMEOUT";

  constructor(operator: string, timeoutMs: number) {
    super(`a call of the function of "${operator}" did not end within ${timeoutMs} ms`, {
      details: { operator, timeoutMs },
    });
  }
}

/**
 * Calls `handle` with every event. Its signal is aborted when the call takes too long and when the sink stops. The end
 * of the stream waits for the calls in flight.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * An event fails with what `handle` throws or rejects with, or with ERR_ACT_CALL_TIMEOUT.
 */
export function forEach<T>(
  handle: (event: T, signal: AbortSignal) => unknown,
  options: ForEachOptions = {},
): SinkSpec<T> {
  if (typeof handle !== "function") throw new OptionError("forEach", handle, "a function of an event");
  checkNames("forEach", options, { concurrency: true, timeout: true, retry: true });
  const { concurrency = 1, timeout, retry } = options;
  checkRetryNames("forEach: retry", retry);
  const settings: CallSettings = {
    concurrency: wholeNumber("forEach: concurrency", concurrency, 1, callsInFlightMax),
    timeoutMs: timeout === undefined ? undefined : durationMs(timeout, "forEach: timeout"),
    attempts: retry === undefined ? 1 : wholeNumber("forEach: retry.attempts", retry.attempts, 1, attemptsMax),
    backoff: checkBackoff("forEach: retry", retry?.delay ?? "100ms", retry?.delayMax ?? "10s"),
  };
  return {
    kind: "forEach",
    heads: true,
    create: () => new ForEachLogic(handle as (event: unknown, signal: AbortSignal) => unknown, settings),
  };
}

const attemptsMax = 1_000_000;

interface CallSettings {
  readonly concurrency: number;
  readonly timeoutMs: number | undefined;
  readonly attempts: number;
  readonly backoff: Backoff;
}

/** An event whose call is in flight, or is to be made again. */
interface Call {
  readonly event: unknown;
  readonly key: Key | undefined;
  readonly time: number | undefined;
  attempt: number;
  /** Aborts the attempt in flight; undefined when it shares the signal of all. */
  abort: AbortController | undefined;
  cancelTimer: CancelTimer | undefined;
}

class ForEachLogic implements OperatorLogic {
  readonly #handle: (event: unknown, signal: AbortSignal) => unknown;
  readonly #settings: CallSettings;
  readonly #calls = new Set<Call>();
  readonly #stopping = new AbortController();
  #context: OperatorContext | undefined;

  constructor(handle: (event: unknown, signal: AbortSignal) => unknown, settings: CallSettings) {
    this.#handle = handle;
    this.#settings = settings;
  }

  open(context: OperatorContext): void {
    this.#context = context;
  }

  ready(): boolean {
    return this.#calls.size < this.#settings.concurrency;
  }

  quiet(): boolean {
    return this.#calls.size === 0;
  }

  heldEvents(): number {
    return this.#calls.size;
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): number {
    for (let index = from; index < to; index += 1) {
      if (this.#calls.size >= this.#settings.concurrency) return index;
      output.begin(index);
      this.#start(batch, index);
    }
    return to;
  }

  abandon(): void {
    const error = new CallAbandonedError(this.#context?.operator ?? "forEach");
    for (const call of this.#calls) this.#context?.deadLetter(call.event, error, earlier(call));
  }

  close(): void {
    for (const call of this.#calls) {
      call.cancelTimer?.();
      call.abort?.abort(this.#stopping.signal.reason);
    }
    this.#calls.clear();
    this.#stopping.abort();
  }

  /** The first call for an event. When it is over at once, nothing is kept; when it throws and may not be made again, it throws. */
  #start(batch: Batch, index: number): void {
    const event = batch.values[index];
    const { timeoutMs, attempts } = this.#settings;
    const abort = timeoutMs === undefined ? undefined : new AbortController();
    let result: unknown;
    try {
      result = this.#handle(event, abort?.signal ?? this.#stopping.signal);
    } catch (error) {
      if (attempts === 1) throw error;
      const call = callOf(batch, index, undefined);
      this.#calls.add(call);
      this.#failed(call, error);
      return;
    }
    if (!isPromise(result)) return;
    const call = callOf(batch, index, abort);
    this.#calls.add(call);
    this.#watch(call, result);
  }

  #again(call: Call): void {
    call.attempt += 1;
    call.abort = this.#settings.timeoutMs === undefined ? undefined : new AbortController();
    let result: unknown;
    try {
      result = this.#handle(call.event, call.abort?.signal ?? this.#stopping.signal);
    } catch (error) {
      return this.#failed(call, error);
    }
    if (isPromise(result)) this.#watch(call, result);
    else this.#done(call);
  }

  #watch(call: Call, result: PromiseLike<unknown>): void {
    const { attempt } = call;
    const { timeoutMs } = this.#settings;
    // An attempt that was given up, or whose sink has stopped, has no say any more.
    const isCurrent = (): boolean =>
      call.attempt === attempt && this.#calls.has(call) && call.abort?.signal.aborted !== true;
    result.then(
      () => {
        if (isCurrent()) this.#done(call);
      },
      (error: unknown) => {
        if (isCurrent()) this.#failed(call, error);
      },
    );
    if (timeoutMs === undefined) return;
    call.cancelTimer = this.#context!.clock.after(timeoutMs, () => {
      const error = new CallTimeoutError(this.#context!.operator, timeoutMs);
      call.abort?.abort(error);
      this.#failed(call, error);
    });
  }

  #done(call: Call): void {
    call.cancelTimer?.();
    this.#calls.delete(call);
    this.#context!.wake();
  }

  #failed(call: Call, error: unknown): void {
    const context = this.#context!;
    call.cancelTimer?.();
    if (call.attempt < this.#settings.attempts) {
      const delayMs = backoffDelayMs(this.#settings.backoff, call.attempt, context.random.next());
      call.cancelTimer = context.clock.after(delayMs, () => this.#again(call));
      return;
    }
    this.#calls.delete(call);
    context.failEvent(call.event, error, earlier(call));
    context.wake();
  }
}

function callOf(batch: Batch, index: number, abort: AbortController | undefined): Call {
  const { values, keys, times } = batch;
  return { event: values[index], key: keys?.[index], time: times?.[index], attempt: 1, abort, cancelTimer: undefined };
}

function earlier({ key, time, attempt }: Call): EarlierEvent {
  return { key, time, attempts: attempt };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
