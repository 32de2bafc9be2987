/**
 * fileLines: a line per event in a file: with the checkpoint of their epoch under exactly-once (committed-file.ts), else at
 * once. Then lines are collected while a write is under way, so that one write carries as many as have come; above
 * `writeBufferBytesMax` the sink takes no input.
 */

import { fstatSync, ftruncateSync } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { checkNames, OptionError } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import { transactionEventsMaxDefault, writeBufferBytesMax } from "../limits.ts";
import type { OperatorContext, OperatorLogic, Output } from "../operator.ts";
import type { SinkSpec } from "../sink.ts";
import { checkPath } from "../sources/text-lines.ts";
import { TransactionalLogic, type TransactionalSettings } from "../transactions/transactional-logic.ts";
import { CommittedFile } from "./committed-file.ts";
import { checkFormat, type EventFormat } from "./event-format.ts";
import { pathOfInstance } from "./path-of-instance.ts";
import { SinkWriteError } from "./sink-write-error.ts";

export interface FileLinesSinkOptions<T> {
  /**
   * Whether what the file holds is kept; default false: it is emptied when the job begins, which it does once everything has been
   * opened, not at restarts, nor when the job goes on from what an earlier run has stored.
   */
  readonly append?: boolean;
  /** Makes the line of an event; by default strings as they are and everything else as JSON. */
  readonly format?: EventFormat<T>;
}

/**
 * Writes a line per event to a file. With several instances each writes a file of its own: the path must hold
 * `{instance}`, which its number takes the place of. The end of the stream waits until everything is written.
 *
 * Under exactly-once the lines of an epoch wait in a file beside, `<path>.<id>.pending`, and are appended when its checkpoint
 * is complete; nobody else may write to the file meanwhile.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_SINK_WRITE when the file cannot be opened or written, with ERR_ACT_SINK_CHANGED when somebody else
 * wrote to it under exactly-once, with ERR_ACT_PARALLELISM, and an event with what `format` throws. Under at-most-once each line
 * that was not written then, or perhaps not, is a dead letter.
 */
export function fileLines<T = unknown>(path: string, options: FileLinesSinkOptions<T> = {}): SinkSpec<T> {
  checkNames("fileLines", options, { append: true, format: true });
  const { append = false } = options;
  if (typeof append !== "boolean") throw new OptionError("fileLines: append", append, "true or false");
  const origin = checkPath("fileLines: path", path);
  const format = checkFormat("fileLines: format", options.format);
  const settings: TransactionalSettings = {
    what: "fileLines",
    create: () => new CommittedFile(origin, append),
    encode: (event) => `${format(event as T)}\n`,
    eventsMax: transactionEventsMaxDefault,
  };
  return {
    kind: "lines",
    origin,
    heads: true,
    create: (guarantee, goesOn = false) =>
      guarantee === "exactly-once"
        ? new TransactionalLogic(settings, guarantee)
        : new FileLinesLogic(origin, { append, goesOn }, format),
  };
}

class FileLinesLogic<T> implements OperatorLogic {
  readonly #path: string;
  /** Whether what the file holds is kept, whatever there is to go on from. */
  readonly #append: boolean;
  /** Whether the lines of an earlier run are its beginning. */
  readonly #goesOn: boolean;
  readonly #format: EventFormat<T>;
  /** Whether what the file holds is that of another run. */
  #isForeign = false;
  #context: OperatorContext | undefined;
  #file: FileHandle | undefined;
  #target = "";
  /** Lines that wait for a write. */
  #text = "";
  /** Lines that are being written, or could not be: some of them may be in the file. */
  #inFlight = "";
  /** Those, and the ones that are being written. */
  #lineCount = 0;
  #writing: Promise<void> | undefined;
  #failure: SinkWriteError | undefined;

  constructor(
    path: string,
    { append, goesOn }: { readonly append: boolean; readonly goesOn: boolean },
    format: EventFormat<T>,
  ) {
    this.#path = path;
    this.#append = append;
    this.#goesOn = goesOn;
    this.#format = format;
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context;
    const path = pathOfInstance(this.#path, context);
    this.#target = `"${path}"`;
    this.#isForeign = !this.#append && !this.#goesOn && context.incarnation === 0;
    try {
      if (!this.#append && !this.#isForeign) await cutTornLine(path);
      this.#file = await open(path, "a");
    } catch (error) {
      throw new SinkWriteError(this.#target, error);
    }
  }

  /** What was written before belongs to the result if there is a checkpoint to go on from. */
  restore(_state: readonly StateGroup[], epoch: number): void {
    if (epoch > 0) this.#isForeign = false;
  }

  onBegin(): void {
    if (!this.#isForeign) return;
    this.#isForeign = false;
    const { fd } = this.#file!;
    try {
      // A device or a pipe keeps nothing that could be emptied.
      if (fstatSync(fd).isFile()) ftruncateSync(fd);
    } catch (error) {
      throw new SinkWriteError(this.#target, error);
    }
  }

  ready(): boolean {
    return this.#text.length < writeBufferBytesMax && this.#failure === undefined;
  }

  quiet(): boolean {
    return this.#writing === undefined && this.#failure === undefined;
  }

  heldEvents(): number {
    return this.#lineCount;
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): number {
    try {
      for (let index = from; index < to; index += 1) {
        if (this.#text.length >= writeBufferBytesMax) return index;
        output.begin(index);
        this.#text += `${this.#format(values[index] as T)}\n`;
        this.#lineCount += 1;
      }
      return to;
    } finally {
      const mayWrite = this.#writing === undefined && this.#failure === undefined;
      if (mayWrite && this.#text.length > 0) this.#writing = this.#write();
    }
  }

  /** Lines that could not be written, and those that waited behind them. */
  abandon(): void {
    if (this.#failure === undefined) return;
    const lines = `${this.#inFlight}${this.#text}`.split("\n").slice(0, -1);
    for (const line of lines) this.#context!.deadLetter(line, this.#failure);
    this.#inFlight = this.#text = "";
    this.#lineCount = 0;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(): Promise<void> {
    try {
      while (this.#text.length > 0) {
        this.#inFlight = this.#text;
        const lineCount = this.#lineCount;
        this.#text = "";
        // Writes all of it, however many system calls that takes.
        await this.#file!.appendFile(this.#inFlight);
        this.#inFlight = "";
        this.#lineCount -= lineCount;
        this.#context!.wake();
      }
    } catch (error) {
      this.#failure = new SinkWriteError(this.#target, error);
      this.#context!.fail(this.#failure);
    }
    this.#writing = undefined;
    this.#context!.wake();
  }
}

/** A death while a line was written leaves the beginning of it, to which the next line must not be added. */
async function cutTornLine(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size === 0) return;
  const file = await open(path, "r+");
  try {
    const length = await lengthOfLines(file, found.size);
    if (length < found.size) await file.truncate(length);
  } finally {
    await file.close();
  }
}

/** Up to the last line break and with it, looked for from the end. */
async function lengthOfLines(file: FileHandle, size: number): Promise<number> {
  const part = Buffer.alloc(Math.min(size, tornPartBytes));
  for (let end = size; end > 0; end -= part.byteLength) {
    const start = Math.max(0, end - part.byteLength);
    const { bytesRead } = await file.read(part, 0, end - start, start);
    const lineBreak = part.subarray(0, bytesRead).lastIndexOf("\n");
    if (lineBreak !== -1) return start + lineBreak + 1;
  }
  return 0;
}

/** Looked through at once. */
const tornPartBytes = 64 * 1024;
