/**
 * csv: the records of a file of comma-separated values, as objects or arrays.
 *
 * Records are framed by lines and quotes here, so that each has a line number and a byte position, a bad one costs only
 * itself, and a quote that is never closed costs no more than `lineBytesMax`.
 */

import { checkNames, OptionError, reasonOf } from "../../runtime/index.ts";
import { checkSingleInstance } from "../parallelism-error.ts";
import type { PollResult, SourceContext, SourceOutput, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import { CsvRecord } from "./csv-record.ts";
import { FileLines, type FilePosition, filePosition } from "./file-lines.ts";
import { InputDamagedError } from "./input-error.ts";
import { handleInvalid, InvalidInputError, LineTooLongError, type OnInvalid } from "./invalid-input.ts";
import type { LineFormat } from "./line-emitter.ts";
import type { TextEncoding } from "./line-splitter.ts";
import { checkPath, isSeekable, textFormat } from "./text-lines.ts";

export interface CsvOptions {
  /**
   * Where the names of the columns come from: `true` (default), the first record; an array of names, when the file has no
   * such record; `false`: there are none, events are arrays of fields.
   */
  readonly header?: boolean | readonly string[];
  /** One character between fields; default `","`. */
  readonly delimiter?: string;
  /** One character around fields that hold delimiters, line breaks or itself (doubled); default `'"'`. */
  readonly quote?: string;
  /** Default `"utf8"`. */
  readonly encoding?: TextEncoding;
  /** A longer record is handled by `onInvalid`; default 1 MiB. */
  readonly lineBytesMax?: number;
  /**
   * What happens to a record that is misquoted, too long, or has more or fewer fields than there are columns: a dead
   * letter (default), a failure, or what the function does.
   */
  readonly onInvalid?: OnInvalid;
}

/**
 * The records of a CSV file (RFC 4180; LF or CRLF; gzip told by its first bytes), empty lines aside: objects with a
 * string per column, or arrays of strings when `header` is false. Replayable by byte offset. Takes one instance, because
 * a field may span lines, so that nobody can tell from the middle of the file where a record begins.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_INPUT_UNREADABLE, ERR_ACT_INPUT_DAMAGED (also for a header that names a column twice),
 * ERR_ACT_POSITION_LOST, ERR_ACT_PARALLELISM.
 */
export function csv(path: string, options: CsvOptions & { readonly header: false }): SourceSpec<string[]>;
export function csv<T extends object = Record<string, string>>(path: string, options?: CsvOptions): SourceSpec<T>;
export function csv(path: string, options: CsvOptions = {}): SourceSpec<unknown> {
  checkNames("csv", options, {
    header: true,
    delimiter: true,
    quote: true,
    encoding: true,
    lineBytesMax: true,
    onInvalid: true,
  });
  const { header = true, delimiter = ",", quote = '"' } = options;
  const isHeader =
    typeof header === "boolean" || (Array.isArray(header) && header.every((name) => typeof name === "string"));
  if (!isHeader) throw new OptionError("csv: header", header, "true, false or an array of column names");
  for (const [name, value] of Object.entries({ delimiter, quote })) {
    if (typeof value !== "string" || value.length !== 1 || /[\r\n]/.test(value)) {
      throw new OptionError(`csv: ${name}`, value, "one character, no line break");
    }
  }
  if (delimiter === quote) throw new OptionError("csv: quote", quote, "another character than the delimiter");
  if (Array.isArray(header)) checkColumns(header, (reason) => new OptionError("csv: header", header, reason));
  const format: CsvFormat = { ...textFormat("csv", options), header, delimiter, quote };
  const origin = checkPath("csv: path", path);
  const seeks = isSeekable(origin);
  return { kind: "csv", bounded: true, replayable: true, seeks, origin, create: () => new CsvReader(origin, format) };
}

interface CsvFormat extends LineFormat<string> {
  readonly header: boolean | readonly string[];
  readonly delimiter: string;
  readonly quote: string;
}

/** What stands in a checkpoint. */
interface CsvPosition extends FilePosition {
  /** The columns that the file named. */
  readonly columns?: readonly string[];
}

class CsvReader implements SourceReader<unknown> {
  readonly #path: string;
  readonly #format: CsvFormat;
  readonly #record: CsvRecord;
  #context: SourceContext | undefined;
  #lines: FileLines | undefined;
  /** Undefined until the header has been read; false when records have no names. */
  #columns: readonly string[] | false | undefined;
  /** Where the record begins whose quote is open. */
  #recordStart: { readonly offset: number; readonly line: number } | undefined;

  constructor(path: string, format: CsvFormat) {
    this.#path = path;
    this.#format = format;
    this.#record = new CsvRecord(format.delimiter, format.quote);
  }

  async open(context: SourceContext, position: unknown): Promise<void> {
    const { encoding, lineBytesMax, header } = this.#format;
    checkSingleInstance(context, `the CSV file "${this.#path}" cannot be cut, a field may span lines`);
    this.#context = context;
    const start = filePosition(this.#path, position) as CsvPosition | undefined;
    this.#columns = typeof header === "boolean" ? (header ? start?.columns : false) : header;
    this.#lines = await FileLines.open(this.#path, {
      encoding,
      lineBytesMax,
      keepsCarriageReturn: true,
      position: start,
      part: { index: 0, count: 1 },
      onChange: () => context.wake(),
    });
  }

  poll(output: SourceOutput<unknown>, eventCountMax: number): PollResult {
    const { cursor, atLine } = this.#lines!;
    if (!atLine) return this.#pause();
    for (let count = 0; count < eventCountMax; count += 1) {
      const line = cursor.next();
      if (line === undefined) return this.#pause();
      if (typeof line !== "string") this.#refuseLong(this.#record.isOpen ? this.#record.abandon() : line.beginning);
      else if (this.#record.isOpen || (line !== "" && line !== "\r")) this.#take(line, output);
    }
    return "more";
  }

  position(): CsvPosition {
    const lines = this.#lines!;
    const position = this.#recordStart
      ? lines.positionAt(this.#recordStart.offset, this.#recordStart.line)
      : lines.position;
    return this.#columns && this.#format.header === true ? { ...position, columns: this.#columns } : position;
  }

  progress(): SourceProgress {
    return this.#lines!.progress();
  }

  close(): void {
    this.#lines?.close();
  }

  #take(line: string, output: SourceOutput<unknown>): void {
    const { lineBytesMax } = this.#format;
    let fields: string[] | undefined;
    try {
      fields = this.#record.push(line);
    } catch (error) {
      return this.#refuse(reasonOf(error), this.#record.abandon(), error);
    }
    if (fields === undefined) {
      const { lineCount, lineOffset } = this.#lines!.cursor;
      this.#recordStart ??= { offset: lineOffset, line: lineCount - 1 };
      if (this.#record.characterCount > lineBytesMax) this.#refuseLong(this.#record.abandon());
      return;
    }
    this.#recordStart = undefined;
    this.#takeFields(fields, line, output);
  }

  #takeFields(fields: string[], line: string, output: SourceOutput<unknown>): void {
    const columns = this.#columns;
    if (columns === false) return output.emit(fields);
    if (columns === undefined) {
      checkColumns(
        fields,
        (reason) => new InputDamagedError(this.#path, `its header is not right: expected ${reason}`),
      );
      this.#columns = fields;
      return;
    }
    if (fields.length !== columns.length) {
      return this.#refuse(`${fields.length} fields, but there are ${columns.length} columns`, line);
    }
    const event: Record<string, string> = {};
    for (let column = 0; column < columns.length; column += 1) event[columns[column]!] = fields[column]!;
    output.emit(event);
  }

  /** No line is there: the file has ended, or the next bytes have not come. */
  #pause(): PollResult {
    if (!this.#lines!.cursor.ended) return "waiting";
    if (this.#record.isOpen) this.#refuse("a quote is not closed", this.#record.abandon());
    return "end";
  }

  #refuse(reason: string, raw: string, cause?: unknown): void {
    const error = new InvalidInputError(this.#path, this.#place(), reason, cause);
    this.#recordStart = undefined;
    handleInvalid(this.#format.onInvalid, this.#context!, error, raw);
  }

  #refuseLong(raw: string): void {
    const error = new LineTooLongError(this.#path, this.#place(), this.#format.lineBytesMax);
    this.#recordStart = undefined;
    handleInvalid(this.#format.onInvalid, this.#context!, error, raw);
  }

  /** The line on which the record begins. */
  #place(): string {
    const start = this.#recordStart?.line;
    return start === undefined ? this.#lines!.place : `line ${start + 1}`;
  }
}

/** Throws unless the names are distinct and can be names of properties. */
function checkColumns(names: readonly string[], refusal: (reason: string) => Error): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refusal(`distinct column names, but "${twice}" stands there twice`);
  if (names.includes("__proto__")) throw refusal('column names other than "__proto__"');
}
