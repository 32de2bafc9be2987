/**
 * TestSource: stands in for a source of a job: it hands on what a test pushes, when the job asks for it. What was pushed is kept
 * outside of the process, as by a broker, so that it is read again from any position.
 *
 * Instances take turns: event `index` belongs to the instance `index` modulo the parallelism.
 */

import type { PollResult, SourceContext, SourceOutput, SourceReader, SourceSpec } from "../../actors/index.ts";
import { OptionError } from "../../runtime/index.ts";

interface Pushed<T> {
  readonly value: T;
  readonly time: number | undefined;
}

export class TestSource<T = unknown> implements SourceSpec<T> {
  readonly kind = "test";
  readonly bounded = false;
  readonly replayable = true;
  readonly #log: Pushed<T>[] = [];
  #hasEnded = false;
  /** The newest reader of each instance. */
  readonly #readers = new Map<number, TestReader<T>>();

  /**
   * Adds an event. It is handed on when the job asks for it.
   *
   * @param time its event time in ms since the epoch, where the job has event times
   * @throws ERR_RT_OPTION after `end`
   */
  push(value: T, time?: number): void {
    if (this.#hasEnded) throw new OptionError("push", value, "no event after the end of the source");
    this.#log.push({ value, time });
    for (const reader of this.#readers.values()) reader.wake();
  }

  /** Adds several events. */
  pushAll(values: Iterable<T>): void {
    for (const value of values) this.push(value);
  }

  /** The source ends behind what was pushed. */
  end(): void {
    this.#hasEnded = true;
    for (const reader of this.#readers.values()) reader.wake();
  }

  /** How many events were pushed. */
  get pushedCount(): number {
    return this.#log.length;
  }

  /** How many of them have been handed on; less again when the job goes back to a checkpoint. */
  get takenCount(): number {
    let count = 0;
    for (const reader of this.#readers.values()) count += reader.takenCount;
    return count;
  }

  /**
   * How many events the job has asked for that are not there. 0 while it does not ask: because it is at work, or because
   * what it has handed on lacks credit further down.
   */
  get demand(): number {
    let count = 0;
    for (const reader of this.#readers.values()) count += reader.demand;
    return count;
  }

  create(): SourceReader<T> {
    return new TestReader(this.#log, {
      hasEnded: () => this.#hasEnded,
      onOpen: (instance, reader) => void this.#readers.set(instance, reader),
    });
  }
}

/** What a reader knows of its source. */
interface ReadSource<T> {
  readonly hasEnded: () => boolean;
  readonly onOpen: (instance: number, reader: TestReader<T>) => void;
}

class TestReader<T> implements SourceReader<T> {
  takenCount = 0;
  demand = 0;
  readonly #log: readonly Pushed<T>[];
  readonly #source: ReadSource<T>;
  #context: SourceContext | undefined;
  /** Of the next event to look at. */
  #index = 0;

  constructor(log: readonly Pushed<T>[], source: ReadSource<T>) {
    this.#log = log;
    this.#source = source;
  }

  wake(): void {
    this.#context?.wake();
  }

  open(context: SourceContext, position: unknown): void {
    this.#context = context;
    const { instance, parallelism } = context;
    this.#index = typeof position === "number" ? position : 0;
    this.takenCount = this.#log.slice(0, this.#index).filter((_, index) => index % parallelism === instance).length;
    this.#source.onOpen(instance, this);
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    const { instance, parallelism } = this.#context as SourceContext;
    let emittedCount = 0;
    for (; this.#index < this.#log.length; this.#index += 1) {
      if (this.#index % parallelism !== instance) continue;
      if (emittedCount === eventCountMax) {
        this.demand = 0;
        return "more";
      }
      const { value, time } = this.#log[this.#index] as Pushed<T>;
      emittedCount += 1;
      this.takenCount += 1;
      output.emit(value, time);
    }
    const hasEnded = this.#source.hasEnded();
    this.demand = hasEnded ? 0 : eventCountMax - emittedCount;
    return hasEnded ? "end" : "waiting";
  }

  position(): number {
    return this.#index;
  }

  close(): void {
    this.#context = undefined;
    this.demand = 0;
  }
}
