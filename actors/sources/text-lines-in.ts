/**
 * textLinesIn: the lines of the files of a directory, file after file in the order of their names.
 *
 * The files are listed once, when the source is first opened; the position names those still to be read, the last one
 * included, so that files that come meanwhile change nothing, and one that goes is missed.
 */

import { readdir } from "node:fs/promises";
import { join, matchesGlob } from "node:path";
import { checkNames, OptionError } from "../../runtime/index.ts";
import { directoryFilesMax } from "../limits.ts";
import type { PollResult, SourceContext, SourceOutput, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import { FileLines, type FilePosition, filePosition } from "./file-lines.ts";
import { InputUnreadableError, PositionLostError, unreadable } from "./input-error.ts";
import { LineEmitter, type LineFormat } from "./line-emitter.ts";
import { checkPath, type TextLinesOptions, textFormat, textOptionNames } from "./text-lines.ts";

export interface TextLinesInOptions extends TextLinesOptions {
  /** Which files, by their names: a glob such as `"*.log"`, or a regular expression; default all. */
  readonly pattern?: string | RegExp;
}

/**
 * The lines of the files directly in a directory, each file as `textLines` reads it, in the order of their names.
 * Replayable: files that come after the start, and what is appended to a file that was read to its end while others followed,
 * are not read. Of several instances each takes the files whose place in that order is its number modulo the parallelism.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_INPUT_UNREADABLE, ERR_ACT_INPUT_DAMAGED, ERR_ACT_POSITION_LOST.
 */
export function textLinesIn(directory: string, options: TextLinesInOptions = {}): SourceSpec<string> {
  checkNames("textLinesIn", options, { ...textOptionNames, pattern: true });
  const { pattern } = options;
  if (pattern !== undefined && typeof pattern !== "string" && !(pattern instanceof RegExp)) {
    throw new OptionError("textLinesIn: pattern", pattern, 'a glob such as "*.log", or a regular expression');
  }
  const origin = checkPath("textLinesIn: directory", directory);
  const format = textFormat("textLinesIn", options);
  return {
    kind: "lines",
    bounded: true,
    replayable: true,
    seeks: true,
    origin,
    create: () => new DirectoryLinesReader(origin, matcher(pattern), format),
  };
}

/** What stands in a checkpoint. */
interface DirectoryPosition {
  /** Names of the files still to be read, the one in hand first. */
  readonly files: readonly string[];
  /** How many were read. */
  readonly readCount: number;
  /** Where it stands in the one in hand. */
  readonly file?: FilePosition;
}

class DirectoryLinesReader implements SourceReader<string> {
  readonly origin: string;
  readonly #matches: (name: string) => boolean;
  readonly #format: LineFormat<string>;
  #context: SourceContext | undefined;
  #emitter: LineEmitter<string> | undefined;
  #files: readonly string[] = [];
  /** Of the file in hand, or to be opened next. */
  #index = 0;
  #readCount = 0;
  #lines: FileLines | undefined;
  #phase: { kind: "reading" } | { kind: "opening" } | { kind: "failed"; error: unknown } = { kind: "reading" };
  #isClosed = false;

  constructor(directory: string, matches: (name: string) => boolean, format: LineFormat<string>) {
    this.origin = directory;
    this.#matches = matches;
    this.#format = format;
  }

  async open(context: SourceContext, position: unknown): Promise<void> {
    this.#context = context;
    this.#emitter = new LineEmitter(this.#format, context);
    const start = directoryPosition(this.origin, position);
    this.#files =
      start?.files ?? (await this.#list()).filter((_, index) => index % context.parallelism === context.instance);
    this.#readCount = start?.readCount ?? 0;
    if (this.#files.length > 0) await this.#openFile(start?.file);
  }

  get place(): string {
    return `file "${this.#files[this.#index]}", ${this.#lines!.place}`;
  }

  poll(output: SourceOutput<string>, eventCountMax: number): PollResult {
    if (this.#phase.kind === "failed") throw this.#phase.error;
    if (this.#phase.kind === "opening") return "waiting";
    if (this.#lines === undefined) return "end";
    const lines = this.#lines;
    if (lines.atLine && this.#emitter!.emit(lines.cursor, this, output, eventCountMax) === eventCountMax) return "more";
    if (!lines.cursor.ended) return "waiting";
    // The last file stays in hand: when it has grown by the next start, that is read on.
    if (this.#index === this.#files.length - 1) return "end";
    lines.close();
    this.#lines = undefined;
    this.#index += 1;
    this.#readCount += 1;
    void this.#openNext();
    return "waiting";
  }

  position(): DirectoryPosition {
    const files = this.#files.slice(this.#index);
    const file = this.#lines?.position;
    return { files, readCount: this.#readCount, ...(file === undefined ? {} : { file }) };
  }

  progress(): SourceProgress {
    const done = this.#readCount + (this.#lines?.cursor.ended ? 1 : 0);
    return { done, total: this.#readCount + this.#files.length - this.#index, unit: "files" };
  }

  close(): void {
    this.#isClosed = true;
    this.#lines?.close();
  }

  async #list(): Promise<string[]> {
    const entries = await readdir(this.origin, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(this.origin, error);
    });
    // A link may lead to a file; what it leads to is found out when it is opened.
    const names = entries
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && this.#matches(entry.name))
      .map((entry) => entry.name);
    if (names.length > directoryFilesMax) {
      throw new InputUnreadableError(this.origin, `it holds ${names.length} files, more than ${directoryFilesMax}`);
    }
    return names.sort();
  }

  async #openNext(): Promise<void> {
    this.#phase = { kind: "opening" };
    try {
      await this.#openFile(undefined);
      this.#phase = { kind: "reading" };
    } catch (error) {
      this.#phase = { kind: "failed", error };
    }
    if (this.#isClosed) this.#lines?.close();
    else this.#context!.wake();
  }

  async #openFile(position: FilePosition | undefined): Promise<void> {
    const path = join(this.origin, this.#files[this.#index]!);
    this.#lines = await FileLines.open(path, {
      encoding: this.#format.encoding,
      lineBytesMax: this.#format.lineBytesMax,
      position: filePosition(path, position),
      part: { index: 0, count: 1 },
      onChange: () => this.#context!.wake(),
    });
  }
}

function matcher(pattern: string | RegExp | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  if (typeof pattern === "string") return (name) => matchesGlob(name, pattern);
  // A copy without the flags that make a regular expression remember where it was.
  const stateless = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ""));
  return (name) => stateless.test(name);
}

function directoryPosition(origin: string, position: unknown): DirectoryPosition | undefined {
  if (position === undefined) return undefined;
  if (typeof position === "object" && position !== null && "files" in position && Array.isArray(position.files)) {
    return position as DirectoryPosition;
  }
  throw new PositionLostError(origin, position, "it is not one of a directory");
}
