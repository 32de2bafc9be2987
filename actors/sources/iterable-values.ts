/**
 * IterableValues: the values of an iterator, one at a time and without waiting. Those of an async iterator are read ahead,
 * as far as `iterableReadAheadEventsMax` allows.
 */

import { iterableReadAheadEventsMax } from "../limits.ts";

/** A synchronous view of an iterator. */
export interface IterableValues<T> {
  /** Goes to the next value, which `value` is then. */
  advance(): "value" | "waiting" | "end";
  readonly value: T;
  close(): void | Promise<void>;
}

export class SyncValues<T> implements IterableValues<T> {
  readonly #iterator: Iterator<T>;
  #result: IteratorResult<T> | undefined;
  #isDone = false;

  constructor(iterator: Iterator<T>) {
    this.#iterator = iterator;
  }

  get value(): T {
    return this.#result!.value as T;
  }

  advance(): "value" | "end" {
    if (this.#isDone) return "end";
    this.#result = this.#iterator.next();
    this.#isDone = this.#result.done === true;
    return this.#isDone ? "end" : "value";
  }

  close(): void {
    if (!this.#isDone) this.#iterator.return?.();
    this.#isDone = true;
  }
}

/** Reads ahead, within bounds, while there is room. */
export class AsyncValues<T> implements IterableValues<T> {
  readonly #iterator: AsyncIterator<T>;
  readonly #wake: () => void;
  #ready: T[] = [];
  #readyAt = 0;
  #phase: { kind: "idle" } | { kind: "reading" } | { kind: "ended" } | { kind: "failed"; error: unknown } = {
    kind: "idle",
  };
  #isClosed = false;
  value!: T;

  constructor(iterator: AsyncIterator<T>, wake: () => void) {
    this.#iterator = iterator;
    this.#wake = wake;
  }

  advance(): "value" | "waiting" | "end" {
    if (this.#readyAt < this.#ready.length) {
      this.value = this.#ready[this.#readyAt]!;
      this.#readyAt += 1;
      return "value";
    }
    this.#ready = [];
    this.#readyAt = 0;
    switch (this.#phase.kind) {
      case "failed":
        throw this.#phase.error;
      case "ended":
        return "end";
      case "idle":
        void this.#readAhead();
        return "waiting";
      case "reading":
        return "waiting";
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#phase.kind === "ended" || this.#phase.kind === "failed") return;
    const returned = this.#iterator.return?.();
    // An iterator that hangs in `next` answers `return` only after it; nobody waits for that.
    if (this.#phase.kind === "reading") returned?.catch(() => {});
    else await returned;
  }

  async #readAhead(): Promise<void> {
    this.#phase = { kind: "reading" };
    try {
      while (!this.#isClosed) {
        const result = await this.#iterator.next();
        if (result.done === true) {
          this.#phase = { kind: "ended" };
          return this.#wake();
        }
        this.#ready.push(result.value);
        if (this.#ready.length - this.#readyAt === 1) this.#wake();
        if (this.#ready.length >= iterableReadAheadEventsMax) break;
      }
      this.#phase = { kind: "idle" };
    } catch (error) {
      this.#phase = { kind: "failed", error };
      this.#wake();
    }
  }
}
