/** ParquetFile: one Parquet file, its row groups decoded into columns. The decoding is hyparquet's. */

import { type FileHandle, open } from "node:fs/promises";
import { brotliDecompressSync, crc32, gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  type AsyncBuffer,
  type ColumnMetaData,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaTree,
} from "hyparquet";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { MillraceError, reasonOf } from "../../runtime/index.ts";
import { InputDamagedError, InputUnreadableError, unreadable } from "./input-error.ts";
import { isFlat, readFlatColumn } from "./parquet-column.ts";

export interface ParquetFormat {
  readonly columns: readonly string[] | undefined;
  readonly int64: "number" | "bigint";
  readonly timestamps: "ms" | "date";
}

/** One row group: per column its name and its values, one per row. */
export interface ParquetColumns {
  readonly rowCount: number;
  readonly names: readonly string[];
  readonly values: readonly ArrayLike<unknown>[];
}

export interface ReadGroupOptions {
  /** Gives the thread back between two columns. */
  readonly pause: () => Promise<void>;
  /** When true, what was read so far is returned. */
  readonly isCancelled: () => boolean;
}

/** Tells a file from others: what it says of itself names every row group, with places, sizes and statistics. */
export interface ParquetIdentity {
  readonly sizeBytes: number;
  /** Checksum of what it says of itself. */
  readonly footer: number;
}

export class ParquetFile {
  /** Rows of each row group. */
  readonly rowCounts: readonly number[];
  readonly identity: ParquetIdentity;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #buffer: AsyncBuffer;
  readonly #metadata: FileMetaData;
  readonly #schema: SchemaTree;
  readonly #names: readonly string[];
  readonly #parsers: Partial<ParquetParsers>;
  readonly #format: ParquetFormat;

  private constructor(
    path: string,
    handle: FileHandle,
    buffer: AsyncBuffer,
    metadata: FileMetaData,
    identity: ParquetIdentity,
    format: ParquetFormat,
  ) {
    this.#path = path;
    this.identity = identity;
    this.#handle = handle;
    this.#buffer = buffer;
    this.#metadata = metadata;
    this.#format = format;
    this.#schema = parquetSchema(metadata);
    this.#names = namesOf(path, this.#schema, format.columns);
    this.#parsers = format.timestamps === "ms" ? timestampsAsMs : {};
    this.rowCounts = metadata.row_groups.map((group) => Number(group.num_rows));
  }

  /**
   * Opens a file and reads what it says of itself.
   *
   * @throws ERR_ACT_INPUT_UNREADABLE when it is missing, no file, may not be read, or lacks a column
   * @throws ERR_ACT_INPUT_DAMAGED when it is no Parquet file
   */
  static async open(path: string, format: ParquetFormat): Promise<ParquetFile> {
    const handle = await open(path, "r").catch((error: unknown) => {
      throw unreadable(path, error);
    });
    try {
      const status = await handle.stat();
      if (status.isDirectory()) throw new InputUnreadableError(path, "it is a directory");
      const buffer = {
        byteLength: status.size,
        slice: (start: number, end?: number) => readBytes(handle, start, end ?? status.size),
      };
      try {
        const metadata = await parquetMetadataAsync(buffer);
        const footerStart = status.size - metadata.metadata_length - footerEndBytes;
        const footer = crc32(new Uint8Array(await buffer.slice(footerStart)));
        return new ParquetFile(path, handle, buffer, metadata, { sizeBytes: status.size, footer }, format);
      } catch (error) {
        throw error instanceof MillraceError ? error : new InputDamagedError(path, reasonOf(error), error);
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Reads and decodes one row group. Throws ERR_ACT_INPUT_DAMAGED. */
  async readGroup(group: number, { pause, isCancelled }: ReadGroupOptions): Promise<ParquetColumns> {
    const values: ArrayLike<unknown>[] = [];
    for (const name of this.#names) {
      if (isCancelled()) break;
      values.push(await this.#readColumn(group, name));
      await pause();
    }
    return { rowCount: this.rowCounts[group]!, names: this.#names, values };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readColumn(group: number, name: string): Promise<ArrayLike<unknown>> {
    const column = this.#schema.children.find(({ element }) => element.name === name)!;
    const chunk = this.#metadata.row_groups[group]!.columns.find(
      ({ meta_data }) => meta_data?.path_in_schema[0] === name,
    );
    try {
      if (isFlat(column) && chunk?.meta_data !== undefined) return await this.#readFlat(group, column, chunk.meta_data);
      return await this.#readNested(group, name);
    } catch (error) {
      if (error instanceof InputDamagedError) throw error;
      throw new InputDamagedError(this.#path, `column "${name}" of row group ${group}: ${reasonOf(error)}`, error);
    }
  }

  async #readFlat(group: number, column: SchemaTree, chunk: ColumnMetaData): Promise<ArrayLike<unknown>> {
    const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    const bytes = await this.#buffer.slice(start, start + Number(chunk.total_compressed_size));
    const { element } = column;
    const decoder = {
      pathInSchema: chunk.path_in_schema,
      type: chunk.type,
      element,
      schemaPath: [this.#schema, column],
      codec: chunk.codec,
      parsers: { ...DEFAULT_PARSERS, ...this.#parsers },
      compressors,
    };
    return readFlatColumn(bytes, decoder, this.rowCounts[group]!, (values) => this.#integers(element.name, values));
  }

  async #readNested(group: number, name: string): Promise<ArrayLike<unknown>> {
    const rowCount = this.rowCounts[group]!;
    const rowStart = this.rowCounts.slice(0, group).reduce((sum, rows) => sum + rows, 0);
    const pages: { readonly start: number; readonly values: ArrayLike<unknown> }[] = [];
    await parquetRead({
      file: this.#buffer,
      metadata: this.#metadata,
      columns: [name],
      rowStart,
      rowEnd: rowStart + rowCount,
      compressors,
      parsers: this.#parsers,
      onChunk: ({ columnData, rowStart: start }) => pages.push({ start: start - rowStart, values: columnData }),
    });
    const values = join(pages, rowCount);
    if (values === undefined) throw new Error("rows are missing");
    return this.#integers(name, values);
  }

  #integers(name: string, values: ArrayLike<unknown>): ArrayLike<unknown> {
    return this.#format.int64 === "number" ? this.#withoutBigints(name, values) : values;
  }

  #withoutBigints(name: string, values: ArrayLike<unknown>): ArrayLike<unknown> {
    if (!hasBigints(values)) return values;
    const numbers = new Array<unknown>(values.length);
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row];
      if (typeof value !== "bigint") {
        numbers[row] = value;
        continue;
      }
      const number = Number(value);
      if (!Number.isSafeInteger(number)) {
        throw new InputDamagedError(
          this.#path,
          `column "${name}" holds ${value}, too large for a number; use int64: "bigint"`,
        );
      }
      numbers[row] = number;
    }
    return numbers;
  }
}

const compressors: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, atMost(outputLength)),
  BROTLI: (input, outputLength) => brotliDecompressSync(input, atMost(outputLength)),
  ZSTD: (input, outputLength) => zstdDecompressSync(input, atMost(outputLength)),
};

function atMost(outputLength: number): { readonly maxOutputLength: number } {
  return { maxOutputLength: Math.max(1, outputLength) };
}

/** Behind the metadata: their length, and the magic word. */
const footerEndBytes = 8;

const msPerDay = 86_400_000;

const timestampsAsMs: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ms) => Number(ms),
  timestampFromMicroseconds: (us) => Number(us / 1_000n),
  timestampFromNanoseconds: (ns) => Number(ns / 1_000_000n),
  dateFromDays: (days) => days * msPerDay,
};

function namesOf(path: string, schema: SchemaTree, wanted: readonly string[] | undefined): readonly string[] {
  const all = schema.children.map(({ element }) => element.name);
  if (all.includes("__proto__")) throw new InputDamagedError(path, 'it names a column "__proto__"');
  const missing = wanted?.find((name) => !all.includes(name));
  if (missing !== undefined) {
    throw new InputUnreadableError(path, `it has no column "${missing}"; its columns are ${all.join(", ")}`);
  }
  return wanted ?? all;
}

async function readBytes(handle: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, start + length);
    if (bytesRead === 0) throw new Error(`the file ends at byte ${start + length}`);
    length += bytesRead;
  }
  return bytes.buffer;
}

/** The values of `rowCount` rows from the pages that hold them; undefined when some are missing. */
function join(
  pages: readonly { readonly start: number; readonly values: ArrayLike<unknown> }[],
  rowCount: number,
): ArrayLike<unknown> | undefined {
  const joined = new Array<unknown>(rowCount);
  let joinedCount = 0;
  for (const { start, values } of pages) {
    for (let index = Math.max(0, -start); index < values.length && start + index < rowCount; index += 1) {
      joined[start + index] = values[index] ?? null;
      joinedCount += 1;
    }
  }
  return joinedCount === rowCount ? joined : undefined;
}

function hasBigints(values: ArrayLike<unknown>): boolean {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return true;
  if (!Array.isArray(values)) return false;
  return typeof values.find((value) => value !== null && value !== undefined) === "bigint";
}
