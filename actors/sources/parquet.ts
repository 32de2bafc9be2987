/**
 * parquet: the rows of a Parquet file, as objects, read row group by row group and within one column by column.
 *
 * Decoding a column of a row group takes the thread for as long as it takes (some tens of ms for a few hundred thousand
 * values); between two columns it is given back. One row group of decoded columns is in memory at a time.
 */

import { checkNames, OptionError } from "../../runtime/index.ts";
import type { PollResult, SourceContext, SourceOutput, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import { PositionLostError } from "./input-error.ts";
import { type ParquetColumns, ParquetFile, type ParquetFormat, type ParquetIdentity } from "./parquet-file.ts";
import { checkPath } from "./text-lines.ts";

export interface ParquetOptions {
  /** Names of the top-level columns to read; default all. Reading fewer is faster in proportion. */
  readonly columns?: readonly string[];
  /**
   * What 64-bit integers become: `"number"` (default; a value beyond 2^53 fails with ERR_ACT_INPUT_DAMAGED and names its
   * column) or `"bigint"`.
   */
  readonly int64?: "number" | "bigint";
  /** What timestamps and dates become: `"ms"` (default), a number of ms since the epoch, or `"date"`, a `Date`. */
  readonly timestamps?: "ms" | "date";
}

/**
 * The rows of a Parquet file, as objects with a property per column; a missing value is null. Replayable by row. Of several instances each takes the row groups that are its number modulo the parallelism.
 * Understands the codecs uncompressed, Snappy, GZIP, Brotli and ZSTD.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_INPUT_UNREADABLE, ERR_ACT_INPUT_DAMAGED, ERR_ACT_POSITION_LOST.
 */
export function parquet<T extends object = Record<string, unknown>>(
  path: string,
  options: ParquetOptions = {},
): SourceSpec<T> {
  checkNames("parquet", options, { columns: true, int64: true, timestamps: true });
  const { columns, int64 = "number", timestamps = "ms" } = options;
  if (columns !== undefined && !(Array.isArray(columns) && columns.length > 0 && columns.every(isName))) {
    throw new OptionError("parquet: columns", columns, "an array of column names");
  }
  if (int64 !== "number" && int64 !== "bigint") throw new OptionError("parquet: int64", int64, '"number" or "bigint"');
  if (timestamps !== "ms" && timestamps !== "date") {
    throw new OptionError("parquet: timestamps", timestamps, '"ms" or "date"');
  }
  const origin = checkPath("parquet: path", path);
  return {
    kind: "parquet",
    bounded: true,
    replayable: true,
    seeks: true,
    origin,
    create: () => new ParquetReader<T>(origin, { columns, int64, timestamps }),
  };
}

/** Where an instance stands: in which row group of the file, at which row of it. */
interface ParquetPosition extends ParquetIdentity {
  readonly group: number;
  readonly row: number;
}

class ParquetReader<T extends object> implements SourceReader<T> {
  readonly #path: string;
  readonly #format: ParquetFormat;
  #context: SourceContext | undefined;
  #file: ParquetFile | undefined;
  #group = 0;
  #row = 0;
  #columns: ParquetColumns | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isLoading = false;
  #isClosed = false;

  constructor(path: string, format: ParquetFormat) {
    this.#path = path;
    this.#format = format;
  }

  async open(context: SourceContext, position: unknown): Promise<void> {
    this.#context = context;
    const start = parquetPosition(this.#path, position);
    this.#file = await ParquetFile.open(this.#path, this.#format);
    const { sizeBytes, footer } = this.#file.identity;
    if (start !== undefined && (start.sizeBytes !== sizeBytes || start.footer !== footer)) {
      throw new PositionLostError(this.#path, start, "it is another file now, or was written anew");
    }
    this.#group = start?.group ?? context.instance;
    this.#row = start?.row ?? 0;
  }

  poll(output: SourceOutput<T>, eventCountMax: number): PollResult {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#group >= this.#file!.rowCounts.length) return "end";
    if (this.#columns === undefined) {
      if (!this.#isLoading) void this.#load();
      return "waiting";
    }
    const end = Math.min(this.#row + eventCountMax, this.#columns.rowCount);
    this.#emitRows(this.#columns, end, output);
    if (end === this.#columns.rowCount) {
      this.#group += this.#context!.parallelism;
      this.#row = 0;
      this.#columns = undefined;
    }
    return this.#group >= this.#file!.rowCounts.length ? "end" : "more";
  }

  position(): ParquetPosition {
    return { group: this.#group, row: this.#row, ...this.#file!.identity };
  }

  progress(): SourceProgress {
    const { instance, parallelism } = this.#context!;
    let done = this.#row;
    let total = 0;
    this.#file!.rowCounts.forEach((rowCount, group) => {
      if (group % parallelism !== instance) return;
      total += rowCount;
      if (group < this.#group) done += rowCount;
    });
    return { done, total, unit: "rows" };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#columns = undefined;
    if (!this.#isLoading) await this.#file?.close();
  }

  #emitRows({ names, values }: ParquetColumns, end: number, output: SourceOutput<T>): void {
    for (let row = this.#row; row < end; row += 1) {
      const event: Record<string, unknown> = {};
      for (let column = 0; column < names.length; column += 1) event[names[column]!] = values[column]![row];
      // Before the emit, so that the position is right should it throw.
      this.#row = row + 1;
      output.emit(event as T);
    }
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    const context = this.#context!;
    try {
      const columns = await this.#file!.readGroup(this.#group, {
        pause: () => new Promise((resolve) => context.clock.soon(resolve)),
        isCancelled: () => this.#isClosed,
      });
      this.#columns = this.#isClosed ? undefined : columns;
    } catch (error) {
      this.#failure = { error };
    }
    this.#isLoading = false;
    if (this.#isClosed) await this.#file!.close();
    else context.wake();
  }
}

function parquetPosition(path: string, position: unknown): ParquetPosition | undefined {
  if (position === undefined) return undefined;
  if (typeof position === "object" && position !== null && "group" in position && "footer" in position) {
    return position as ParquetPosition;
  }
  throw new PositionLostError(path, position, "it is not one of a Parquet file");
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value.length > 0;
}
