/**
 * stdinLines: the lines of standard input. There is one per thread, and what was read of it cannot be read again; so it
 * outlives its readers, and a reader that is closed puts back what it has not emitted.
 *
 * On the main thread the process's stream is read; a worker thread, which has none, reads the file descriptor.
 */

import { createReadStream } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { checkNames, MillraceError } from "../../runtime/index.ts";
import { readAheadBytesMax, readChunkBytes } from "../limits.ts";
import { checkSingleInstance } from "../parallelism-error.ts";
import type { PollResult, SourceContext, SourceOutput, SourceReader, SourceSpec } from "../source.ts";
import { describeFailure, InputDamagedError } from "./input-error.ts";
import { LineCursor } from "./line-cursor.ts";
import { LineEmitter, type LineFormat } from "./line-emitter.ts";
import { StreamChunks } from "./stream-chunks.ts";
import { type TextLinesOptions, textFormat, textOptionNames } from "./text-lines.ts";

/** Two sources want standard input at a time. */
export class StdinTakenError extends MillraceError {
  readonly code = "ERR_ACT_STDIN_TAKEN";
}

/**
 * The lines of standard input until it is closed. Not replayable: what was read is gone. Takes one instance, and one
 * source at a time.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_INPUT_DAMAGED when reading fails, with ERR_ACT_PARALLELISM and ERR_ACT_STDIN_TAKEN.
 */
export function stdinLines(options: TextLinesOptions = {}): SourceSpec<string> {
  checkNames("stdinLines", options, textOptionNames);
  const format = textFormat("stdinLines", options);
  return { kind: "stdin", bounded: true, replayable: false, origin, create: () => new StdinReader(format) };
}

const origin = "standard input";

/** Standard input of this thread, once somebody has read of it, and who reads it now. */
let input: StreamChunks | undefined;
let reader: StdinReader | undefined;

class StdinReader implements SourceReader<string> {
  readonly origin = origin;
  readonly #format: LineFormat<string>;
  #context: SourceContext | undefined;
  #emitter: LineEmitter<string> | undefined;
  #chunks: StreamChunks | undefined;
  #cursor: LineCursor | undefined;

  constructor(format: LineFormat<string>) {
    this.#format = format;
  }

  open(context: SourceContext): void {
    checkSingleInstance(context, "standard input is one stream");
    if (reader !== undefined) throw new StdinTakenError("standard input is being read by another source");
    reader = this;
    this.#context = context;
    input ??= new StreamChunks(openInput(), readAheadBytesMax, () => reader?.onChange());
    input.release();
    this.#chunks = input;
    this.#emitter = new LineEmitter(this.#format, context);
    this.#cursor = new LineCursor(input, this.#format);
  }

  get place(): string {
    return `line ${this.#cursor!.lineCount}`;
  }

  onChange(): void {
    this.#context?.wake();
  }

  poll(output: SourceOutput<string>, eventCountMax: number): PollResult {
    const cursor = this.#cursor!;
    if (this.#emitter!.emit(cursor, this, output, eventCountMax) === eventCountMax) return "more";
    const failure = this.#chunks!.failure;
    if (failure !== undefined) throw new InputDamagedError(origin, describeFailure(failure.error), failure.error);
    return cursor.ended ? "end" : "waiting";
  }

  close(): void {
    if (reader !== this) return;
    reader = undefined;
    this.#chunks!.hold();
    this.#chunks!.untake(this.#cursor!.rest);
  }
}

function openInput(): NodeJS.ReadStream | ReturnType<typeof createReadStream> {
  return isMainThread
    ? process.stdin
    : createReadStream("", { fd: 0, autoClose: false, highWaterMark: readChunkBytes });
}
