/** textLines and ndjson: the lines of a file, as they are or as JSON. */

import { checkNames, OptionError, type OptionNames, wholeNumber } from "../../runtime/index.ts";
import { lineBytesMaxAllowed, lineBytesMaxDefault } from "../limits.ts";
import { ParallelismError } from "../parallelism-error.ts";
import type { PollResult, SourceContext, SourceOutput, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import { FileLines, type FilePosition, filePosition } from "./file-lines.ts";
import { checkOnInvalid, type OnInvalid } from "./invalid-input.ts";
import { LineEmitter, type LineFormat } from "./line-emitter.ts";
import type { TextEncoding } from "./line-splitter.ts";

export interface TextLinesOptions {
  /** Default `"utf8"`; bytes that are no UTF-8 become U+FFFD. */
  readonly encoding?: TextEncoding;
  /** Whether lines without a character are events; default `"keep"`. */
  readonly emptyLines?: "keep" | "skip";
  /** A longer line is not emitted but handled by `onInvalid`; default 1 MiB. */
  readonly lineBytesMax?: number;
  /** What happens to a line that is too long: a dead letter (default), a failure, or what the function does. */
  readonly onInvalid?: OnInvalid;
}

/**
 * The lines of a text file, without their line breaks (LF or CRLF); gzip data is told by its first bytes and
 * decompressed. Replayable by byte offset. Several instances cut the file at equal byte offsets and read a part each; a
 * gzip file cannot be cut.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_INPUT_UNREADABLE, ERR_ACT_INPUT_DAMAGED, ERR_ACT_POSITION_LOST, ERR_ACT_PARALLELISM.
 */
export function textLines(path: string, options: TextLinesOptions = {}): SourceSpec<string> {
  checkNames("textLines", options, textOptionNames);
  return fileSource("lines", checkPath("textLines: path", path), textFormat("textLines", options));
}

export const textOptionNames: OptionNames<TextLinesOptions> = {
  encoding: true,
  emptyLines: true,
  lineBytesMax: true,
  onInvalid: true,
};

export interface NdjsonOptions {
  /** A longer line is handled by `onInvalid`; default 1 MiB. */
  readonly lineBytesMax?: number;
  /** What happens to a line that is no JSON or too long: a dead letter (default), a failure, or what the function does. */
  readonly onInvalid?: OnInvalid;
}

/**
 * The values of a file with one JSON value a line (empty lines aside), as `textLines` reads it. `T` is what the author
 * takes them to be; use `parse` to be sure.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails as `textLines` does.
 */
export function ndjson<T = unknown>(path: string, options: NdjsonOptions = {}): SourceSpec<T> {
  checkNames("ndjson", options, { lineBytesMax: true, onInvalid: true });
  const format = textFormat("ndjson", { ...options, emptyLines: "skip" });
  return fileSource("ndjson", checkPath("ndjson: path", path), { ...format, decode: (line) => JSON.parse(line) as T });
}

/** Checks the options; `source` names them in errors. */
export function textFormat(source: string, options: TextLinesOptions): LineFormat<string> {
  const { encoding = "utf8", emptyLines = "keep", lineBytesMax = lineBytesMaxDefault } = options;
  if (encoding !== "utf8" && encoding !== "latin1") {
    throw new OptionError(`${source}: encoding`, encoding, '"utf8" or "latin1"');
  }
  if (emptyLines !== "keep" && emptyLines !== "skip") {
    throw new OptionError(`${source}: emptyLines`, emptyLines, '"keep" or "skip"');
  }
  return {
    encoding,
    emptyLines,
    lineBytesMax: wholeNumber(`${source}: lineBytesMax`, lineBytesMax, 1, lineBytesMaxAllowed),
    onInvalid: checkOnInvalid(`${source}: onInvalid`, options.onInvalid),
    decode: (line) => line,
  };
}

/** Compressed data is read from its start, whatever the position. */
export function isSeekable(path: string): boolean {
  return !path.endsWith(".gz");
}

/** Checks a path; throws ERR_RT_OPTION. */
export function checkPath(what: string, path: unknown): string {
  if (typeof path === "string" && path.length > 0 && !path.includes("\0")) return path;
  throw new OptionError(what, path, "a path");
}

function fileSource<T>(kind: string, path: string, format: LineFormat<T>): SourceSpec<T> {
  return {
    kind,
    bounded: true,
    replayable: true,
    seeks: isSeekable(path),
    origin: path,
    create: () => new FileLinesReader(path, format),
  };
}

class FileLinesReader<T> implements SourceReader<T> {
  readonly origin: string;
  readonly #format: LineFormat<T>;
  #emitter: LineEmitter<T> | undefined;
  #lines: FileLines | undefined;

  constructor(path: string, format: LineFormat<T>) {
    this.origin = path;
    this.#format = format;
  }

  async open(context: SourceContext, position: unknown): Promise<void> {
    this.#emitter = new LineEmitter(this.#format, context);
    this.#lines = await FileLines.open(this.origin, {
      encoding: this.#format.encoding,
      lineBytesMax: this.#format.lineBytesMax,
      position: filePosition(this.origin, position),
      part: { index: context.instance, count: context.parallelism },
      onChange: () => context.wake(),
      indivisible: () =>
        new ParallelismError(context, `the gzip file "${this.origin}" cannot be cut; use parallelism 1`),
    });
  }

  get place(): string {
    return this.#lines!.place;
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    const lines = this.#lines!;
    if (lines.atLine && this.#emitter!.emit(lines.cursor, this, output, eventCountMax) === eventCountMax) return "more";
    return lines.cursor.ended ? "end" : "waiting";
  }

  position(): FilePosition {
    return this.#lines!.position;
  }

  progress(): SourceProgress {
    return this.#lines!.progress();
  }

  close(): void {
    this.#lines?.close();
  }
}
