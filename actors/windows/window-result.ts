/** WindowResult: what a window operator puts out, and what its engines hand over to have it put out. */

import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import { batchEventsMax } from "../limits.ts";
import type { Output } from "../operator.ts";
import type { Window } from "./aligned-windows.ts";

/** A result of windows without keys. Its event time is the last moment of the window. */
export interface WindowResult<R> {
  /** From -Infinity to Infinity for `global` and `counting`; then the event time is that of the newest event in it. */
  readonly window: Window;
  readonly value: R;
  /** 0 for the first result of a window, 1, 2 ... for those that late events make of it. */
  readonly revision: number;
  /** True when more events are expected in the window. */
  readonly early?: true;
  /** Windows of earlier results that have become part of this one, where sessions were merged. */
  readonly replaces?: readonly Window[];
}

export interface KeyedWindowResult<K extends Key, R> extends WindowResult<R> {
  readonly key: K;
}

export function isEarlyResult(result: unknown): boolean {
  return (result as WindowResult<unknown>).early === true;
}

/** One firing of one window of one key. */
export interface Firing {
  readonly key: Key;
  readonly start: number;
  readonly end: number;
  readonly accumulator: unknown;
  readonly revision: number;
  readonly isEarly: boolean;
  readonly replaces?: readonly Window[];
  /** The event time of the result, where its window has no end; otherwise that is the last moment of the window. */
  readonly time?: number | undefined;
}

/** Puts results out on the output of the call that is being made. */
export class WindowResults {
  readonly #aggregate: Aggregate<unknown, unknown, unknown>;
  readonly #isKeyed: boolean;
  /** Of the result before: most are of the same window, and share it. */
  #window: Window = { start: Number.NaN, end: Number.NaN };
  #output: Output | undefined;

  constructor(aggregate: Aggregate<unknown, unknown, unknown>, isKeyed: boolean) {
    this.#aggregate = aggregate;
    this.#isKeyed = isKeyed;
  }

  /** Results go to `output` from now on. */
  direct(output: Output): void {
    this.#output = output;
  }

  put(firing: Firing): void {
    const { key, end, accumulator, revision, isEarly, replaces } = firing;
    const result = this.resultOf(firing, key, accumulator, revision);
    if (isEarly) result.early = true;
    if (replaces !== undefined) result.replaces = replaces;
    this.#output?.emit(result, end === Number.POSITIVE_INFINITY ? firing.time : end - 1);
  }

  /** What is put out for a key of a window; neither early nor in the place of others. */
  resultOf({ start, end }: Window, key: Key, accumulator: unknown, revision: number): ToldResult {
    if (start !== this.#window.start || end !== this.#window.end) this.#window = { start, end };
    const window = this.#window;
    const value = this.#aggregate.finish(accumulator);
    return this.#isKeyed ? { key, window, value, revision } : { window, value, revision };
  }

  /** Puts out results, each with its event time. */
  putAll(results: readonly unknown[], times: readonly number[]): void {
    if (results.length > 0) this.#output?.emitAll(results, times);
  }
}

/** Results that are put out many at once. */
export class ResultsInHand {
  readonly #results: WindowResults;
  /** Longer than `#heldCount`, where fewer came than were expected. */
  #told: ToldResult[] = [];
  #times: number[] = [];
  #heldCount = 0;
  #putCount = 0;

  /** @param expected so many results, or a few more or less */
  constructor(results: WindowResults, expected: number) {
    this.#results = results;
    this.#begin(Math.min(expected, batchEventsMax));
  }

  /** How many were added. */
  get count(): number {
    return this.#putCount + this.#heldCount;
  }

  add(result: ToldResult, time: number): void {
    this.#told[this.#heldCount] = result;
    this.#times[this.#heldCount] = time;
    this.#heldCount += 1;
  }

  /** Puts out those that were not, if they are as many as go into one piece; whether they were. */
  putIfFull(): boolean {
    if (this.#heldCount < batchEventsMax) return false;
    this.#put(batchEventsMax);
    return true;
  }

  /** Puts out those that were not. */
  putAll(): void {
    this.#put(0);
  }

  /** @param expected so many results are to come */
  #put(expected: number): void {
    const [told, times, count] = [this.#told, this.#times, this.#heldCount];
    told.length = count;
    times.length = count;
    this.#putCount += count;
    this.#begin(expected);
    this.#results.putAll(told, times);
  }

  #begin(room: number): void {
    this.#told = new Array<ToldResult>(room);
    this.#times = new Array<number>(room);
    this.#heldCount = 0;
  }
}

/** What is put out. */
export interface ToldResult {
  key?: Key;
  window: Window;
  value: unknown;
  revision: number;
  early?: true;
  replaces?: readonly Window[];
}
