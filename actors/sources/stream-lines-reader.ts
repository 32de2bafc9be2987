/**
 * StreamLinesReader: the lines of a Node stream that is not the reader's own, as a source. A later incarnation goes on
 * where this one stops, but for the beginning of a line that had not ended.
 */

import type { Readable } from "node:stream";
import type { PollResult, SourceContext, SourceOutput, SourceReader } from "../source.ts";
import { describeFailure, InputDamagedError } from "./input-error.ts";
import { LineCursor } from "./line-cursor.ts";
import { LineEmitter, type LineFormat } from "./line-emitter.ts";
import { StreamChunks } from "./stream-chunks.ts";

export class StreamLinesReader<T> implements SourceReader<T> {
  readonly origin: string;
  readonly #format: LineFormat<T>;
  readonly #bufferBytesMax: number;
  readonly #openStream: (context: SourceContext) => Readable;
  #emitter: LineEmitter<T> | undefined;
  #chunks: StreamChunks | undefined;
  #cursor: LineCursor | undefined;

  constructor(
    origin: string,
    format: LineFormat<T>,
    bufferBytesMax: number,
    openStream: (context: SourceContext) => Readable,
  ) {
    this.origin = origin;
    this.#format = format;
    this.#bufferBytesMax = bufferBytesMax;
    this.#openStream = openStream;
  }

  open(context: SourceContext): void {
    this.#emitter = new LineEmitter(this.#format, context);
    const stream = this.#openStream(context);
    const bufferBytesMax = this.#bufferBytesMax;
    this.#chunks = new StreamChunks(stream, { bufferBytesMax, onChange: () => context.wake(), isShared: true });
    this.#cursor = new LineCursor(this.#chunks, this.#format);
  }

  get place(): string {
    return `line ${this.#cursor!.lineCount}`;
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    const cursor = this.#cursor!;
    if (this.#emitter!.emit(cursor, this, output, eventCountMax) === eventCountMax) return "more";
    const failure = this.#chunks!.failure;
    if (failure !== undefined) throw new InputDamagedError(this.origin, describeFailure(failure.error), failure.error);
    return cursor.ended ? "end" : "waiting";
  }

  close(): void {
    this.#chunks?.close();
  }
}
