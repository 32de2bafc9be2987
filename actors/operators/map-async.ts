/**
 * mapAsync: one result per event, by a function that returns a promise. A bounded number of calls is in flight; beyond,
 * no input is taken. A call is made again when it fails, and given up when it takes too long.
 *
 * Invariants
 *  A1  at most `concurrency` events are taken and not handed out.
 *  A2  what a call does after its timeout, or after the operator closed, has no effect.
 *  A3  a watermark leaves behind the results of all events that came before it.
 *
 * Not here: which result may leave (call-queue.ts), how long to wait for the next attempt (../backoff.ts).
 */

import { type CancelTimer, type Duration, durationMs, mutated, OptionError, wholeNumber } from "../../runtime/index.ts";
import { type Backoff, backoffDelayMs, checkBackoff } from "../backoff.ts";
import type { Batch, Key } from "../batch.ts";
import { checkKey } from "../groupings/key-hash.ts";
import { asyncConcurrencyDefault, asyncTimeoutMsDefault, callsInFlightMax } from "../limits.ts";
import type { EarlierEvent, OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { CallTimeoutError, checkRetryNames, type RetryOptions } from "../sinks/for-each.ts";
import { HeldWatermarks } from "../time/held-watermarks.ts";
import type { Watermark } from "../time/watermark.ts";
import { AsyncCall, type CallContext } from "./async-call.ts";
import { CallAbandonedError } from "./call-abandoned-error.ts";
import { type AsyncOrder, type CallPhase, CallQueue, type QueuedEvent } from "./call-queue.ts";
import { checkPlainFunction } from "./plain-function.ts";

export interface MapAsyncOptions<A> {
  /** Events in flight at a time, per instance; default `asyncConcurrencyDefault`. */
  readonly concurrency?: number;
  /**
   * "ordered" (default): results leave in the order of their events. "per-key": those of one key do, and one call per key
   * runs at a time. "unordered": results leave as they come.
   */
  readonly order?: AsyncOrder;
  /** For one attempt; default `asyncTimeoutMsDefault`. */
  readonly timeout?: Duration;
  /** Default: one attempt. */
  readonly retry?: RetryOptions;
  /** The key of an event for the order "per-key"; by default its key by `keyBy`. */
  readonly key?: (value: A) => Key;
}

/**
 * Replaces each event by what the promise of `fn` resolves to; results keep the event time of their event. An event fails
 * when all attempts have: with what the last one was rejected with, or with ERR_ACT_CALL_TIMEOUT. Under the order "per-key"
 * it also fails with ERR_ACT_KEY when it has no key.
 *
 * @throws ERR_RT_OPTION when `fn` or `key` is no function or an option is out of its bounds
 */
export function mapAsync<A, B>(
  fn: (value: A, context: CallContext) => PromiseLike<B> | B,
  options: MapAsyncOptions<A> = {},
): OperatorSpec {
  if (typeof fn !== "function") throw new OptionError("mapAsync", fn, "a function");
  const call = fn as AsyncWork["call"];
  return asyncOperator("mapAsync", () => ({ call }), options);
}

/** What an instance of an operator with asynchronous calls does for its events. */
export interface AsyncWork {
  open?(context: OperatorContext): void;
  /** The result of an event that needs no call; undefined where one is to be made, also for what this cannot do. */
  known?(value: unknown, key: Key | undefined): { readonly result: unknown } | undefined;
  /** One attempt. */
  call(value: unknown, context: CallContext): unknown;
  onMessage?(message: unknown): unknown;
}

/**
 * An operator that replaces each event by what comes of its work, with the bounds, the order and the retries of `mapAsync`.
 *
 * @param kind names it in errors of options, too
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function asyncOperator<A>(kind: string, work: () => AsyncWork, options: MapAsyncOptions<A>): OperatorSpec {
  const settings = checkOptions(kind, options);
  return { kind, outputs: ["main"], heads: true, create: () => new MapAsyncLogic(settings, work()) };
}

interface Settings {
  readonly concurrency: number;
  readonly order: AsyncOrder;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly key: ((value: unknown) => unknown) | undefined;
}

function checkOptions<A>(kind: string, options: MapAsyncOptions<A>): Settings {
  const { order = "ordered", key, retry } = options;
  checkRetryNames(`${kind}: retry`, retry);
  if (key !== undefined) checkPlainFunction(`${kind}: key`, key);
  if (order !== "ordered" && order !== "per-key" && order !== "unordered") {
    throw new OptionError(`${kind}: order`, order, '"ordered", "per-key" or "unordered"');
  }
  const timeoutMs = durationMs(options.timeout ?? asyncTimeoutMsDefault, `${kind}: timeout`);
  if (timeoutMs === 0) throw new OptionError(`${kind}: timeout`, options.timeout, "a duration above 0");
  return {
    concurrency: wholeNumber(
      `${kind}: concurrency`,
      options.concurrency ?? asyncConcurrencyDefault,
      1,
      callsInFlightMax,
    ),
    order,
    timeoutMs,
    attempts: retry === undefined ? 1 : wholeNumber(`${kind}: retry.attempts`, retry.attempts, 1, attemptsMax),
    backoff: checkBackoff(`${kind}: retry`, retry?.delay ?? "100ms", retry?.delayMax ?? "10s"),
    key: key as Settings["key"],
  };
}

const attemptsMax = 1_000_000;

/** An event in hand, and what is going on for it. */
class PendingEvent implements QueuedEvent {
  readonly value: unknown;
  readonly time: number | undefined;
  readonly key: Key | undefined;
  /** Its key in the stream, which need not be the one of the order. */
  readonly streamKey: Key | undefined;
  /** Of the events that the operator has taken, from 0. */
  readonly number: number;
  phase: CallPhase = { kind: "waiting" };
  /** The attempt whose outcome counts; undefined between attempts. */
  call: AsyncCall | undefined;
  /** Of the timeout, or of the wait for the next attempt. */
  cancelTimer: CancelTimer | undefined;

  constructor(batch: Batch, index: number, key: Key | undefined, number: number) {
    this.value = batch.values[index];
    this.time = batch.times?.[index];
    this.streamKey = batch.keys?.[index];
    this.key = key;
    this.number = number;
  }
}

class MapAsyncLogic implements OperatorLogic {
  readonly #settings: Settings;
  readonly #work: AsyncWork;
  readonly #queue: CallQueue<PendingEvent>;
  readonly #watermarks = new HeldWatermarks();
  #taken = 0;
  #context!: OperatorContext;
  /** Present when its work answers messages. */
  onMessage?: (message: unknown) => unknown;

  constructor(settings: Settings, work: AsyncWork) {
    this.#settings = settings;
    this.#work = work;
    this.#queue = new CallQueue(settings.order);
    if (work.onMessage !== undefined) this.onMessage = (message) => work.onMessage?.(message);
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#work.open?.(context);
  }

  ready(): boolean {
    return this.#queue.size < this.#settings.concurrency;
  }

  quiet(): boolean {
    return (this.#queue.size === 0 && this.#watermarks.size === 0) || mutated("calls.not-waited-for");
  }

  heldEvents(): number {
    return this.#queue.size;
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): number {
    let index = from;
    for (; index < to && this.ready(); index += 1) {
      output.begin(index);
      const event = new PendingEvent(batch, index, this.#keyOf(batch, index), this.#taken);
      this.#taken += 1;
      if (this.#queue.add(event)) this.#startFrom(event);
    }
    return index;
  }

  onWake(output: Output): void {
    for (let done = this.#queue.takeDone(); done !== undefined; done = this.#queue.takeDone()) {
      output.emit(done.result, done.event.time);
    }
    this.#release(output);
  }

  onWatermark(watermark: Watermark, output: Output): void {
    this.#watermarks.hold(watermark, this.#taken);
    this.#release(output);
  }

  abandon(): void {
    const error = new CallAbandonedError(this.#context.operator);
    for (const event of this.#queue.events()) this.#context.deadLetter(event.value, error, earlier(event, 1));
  }

  close(): void {
    for (const event of this.#queue.events()) {
      event.cancelTimer?.();
      const { call } = event;
      event.call = undefined;
      call?.abort();
    }
  }

  /** A3 */
  #release(output: Output): void {
    const watermark = this.#watermarks.release(this.#queue.oldest?.number);
    if (watermark !== undefined) output.advance(watermark.time, watermark.isIdle);
  }

  #keyOf(batch: Batch, index: number): Key | undefined {
    const { key: select, order } = this.#settings;
    if (order !== "per-key") return batch.keys?.[index];
    const key = select === undefined ? batch.keys?.[index] : select(batch.values[index]);
    checkKey('mapAsync with the order "per-key"', key);
    return key;
  }

  /** Starts the call of an event, and of those that may start because the ones before them needed none. */
  #startFrom(first: PendingEvent): void {
    for (let event: PendingEvent | undefined = first; event !== undefined; ) {
      const known = this.#work.known === undefined ? undefined : this.#known(event);
      if (known === undefined) return this.#start(event, 1);
      event = this.#queue.finish(event, known.result);
      this.#context.wake();
    }
  }

  /** Undefined where there is to be a call: what is thrown here is thrown by that again, and counts as its failure. */
  #known(event: PendingEvent): { readonly result: unknown } | undefined {
    try {
      return this.#work.known?.(event.value, event.streamKey);
    } catch {
      return undefined;
    }
  }

  #start(event: PendingEvent, attempt: number): void {
    const call = new AsyncCall(this.#context, event, attempt);
    event.call = call;
    event.cancelTimer = this.#context.clock.after(this.#settings.timeoutMs, () => this.#timedOut(event, call));
    // A function that throws before it returns a promise counts like one whose promise rejects.
    new Promise((resolve) => resolve(this.#work.call(event.value, call))).then(
      (result) => this.#resolved(event, call, result),
      (error) => this.#rejected(event, call, error),
    );
  }

  #resolved(event: PendingEvent, call: AsyncCall, result: unknown): void {
    if (!this.#isOver(event, call)) return;
    this.#startNext(this.#queue.finish(event, result));
  }

  #rejected(event: PendingEvent, call: AsyncCall, error: unknown): void {
    if (!this.#isOver(event, call)) return;
    const { attempts, backoff } = this.#settings;
    if (call.attempt < attempts) {
      const delayMs = backoffDelayMs(backoff, call.attempt, this.#context.random.next());
      event.cancelTimer = this.#context.clock.after(delayMs, () => this.#start(event, call.attempt + 1));
      return;
    }
    this.#startNext(this.#queue.fail(event));
    // Last, because it may end in `close`, behind which nothing may start.
    this.#context.failEvent(event.value, error, earlier(event, call.attempt));
  }

  #timedOut(event: PendingEvent, call: AsyncCall): void {
    const error = new CallTimeoutError(this.#context.operator, this.#settings.timeoutMs);
    this.#rejected(event, call, error);
    call.abort(error);
  }

  /** Ends an attempt; false when it was over before, and its outcome does not count. */
  #isOver(event: PendingEvent, call: AsyncCall): boolean {
    if (event.call !== call) return false;
    event.call = undefined;
    event.cancelTimer?.();
    event.cancelTimer = undefined;
    return true;
  }

  #startNext(next: PendingEvent | undefined): void {
    if (next !== undefined) this.#startFrom(next);
    this.#context.wake();
  }
}

function earlier({ streamKey, time }: PendingEvent, attempts: number): EarlierEvent {
  return { key: streamKey, time, attempts };
}
