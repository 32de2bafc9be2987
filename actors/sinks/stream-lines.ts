/**
 * StreamLines: a sink that writes a line per event to a Node stream, one write per batch, and takes no input while the
 * stream asks to wait. The stream is not its own: it is left open.
 */

import type { Writable } from "node:stream";
import type { Batch } from "../batch.ts";
import type { OperatorContext, OperatorLogic, Output } from "../operator.ts";
import type { EventFormat } from "./event-format.ts";
import { SinkWriteError } from "./sink-write-error.ts";

export class StreamLines<T> implements OperatorLogic {
  readonly #target: string;
  readonly #stream: () => Writable;
  readonly #format: EventFormat<T>;
  #context: OperatorContext | undefined;
  #unsubscribe: (() => void) | undefined;
  /** Writes that the stream has not confirmed. */
  #writeCount = 0;
  #isFull = false;
  #isFailed = false;

  /** @param target names the stream in errors */
  constructor(target: string, stream: () => Writable, format: EventFormat<T>) {
    this.#target = target;
    this.#stream = stream;
    this.#format = format;
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#unsubscribe = subscribe(this.#stream(), {
      onError: (error) => this.#fail(error),
      onDrain: () => {
        this.#isFull = false;
        context.wake();
      },
    });
  }

  ready(): boolean {
    return !this.#isFull && !this.#isFailed;
  }

  quiet(): boolean {
    return this.#writeCount === 0 && !this.#isFailed;
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): void {
    let text = "";
    try {
      for (let index = from; index < to; index += 1) {
        output.begin(index);
        text += `${this.#format(values[index] as T)}\n`;
      }
    } finally {
      // Also what comes before an event that cannot be formatted.
      if (text.length > 0) this.#write(text);
    }
  }

  close(): void {
    this.#unsubscribe?.();
  }

  #write(text: string): void {
    this.#writeCount += 1;
    const goesOn = this.#stream().write(text, (error) => {
      // Before the count goes down: a sink whose last write failed is not done.
      if (error) this.#fail(error);
      this.#writeCount -= 1;
      if (this.#writeCount === 0) this.#context?.wake();
    });
    if (!goesOn) this.#isFull = true;
  }

  #fail(error: unknown): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.#context?.fail(new SinkWriteError(this.#target, error));
  }
}

interface Subscriber {
  readonly onError: (error: unknown) => void;
  readonly onDrain: () => void;
}

/** One pair of listeners per stream, however many sinks write to it. */
const subscribers = new WeakMap<Writable, Set<Subscriber>>();

function subscribe(stream: Writable, subscriber: Subscriber): () => void {
  let all = subscribers.get(stream);
  if (all === undefined) {
    const added = new Set<Subscriber>();
    all = added;
    subscribers.set(stream, added);
    // They stay: an error after the last sink has gone would otherwise end the process.
    stream.on("error", (error) => {
      for (const { onError } of added) onError(error);
    });
    stream.on("drain", () => {
      for (const { onDrain } of added) onDrain();
    });
  }
  all.add(subscriber);
  return () => all.delete(subscriber);
}
