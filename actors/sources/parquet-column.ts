/**
 * ParquetColumn: the values of one flat column of one row group, from its bytes. Pure.
 *
 * The usual encodings are read here: for a column without nesting a page is little more than a copy, and what is done to
 * values (integers, dates, text) is done once per entry of a dictionary instead of once per row. The unusual encodings
 * are left to hyparquet, and so are nested columns.
 *
 * Source of the format: https://parquet.apache.org/docs/file-format/
 */

import { parquetHeader } from "hyparquet/src/column.js";
import { convert } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import type { ColumnDecoder, DecodedArray, PageHeader, SchemaTree } from "hyparquet/src/types.js";
import { readRuns } from "./parquet-runs.ts";

/** Whether a top-level column holds one value or none per row. */
export function isFlat(column: SchemaTree): boolean {
  return column.children.length === 0 && column.element.repetition_type !== "REPEATED";
}

/**
 * The values of all rows; null where there is none.
 *
 * @param map applied to values as they are, or to those of a dictionary
 * @throws Error when the bytes are not what the format says, or do not hold as many rows
 */
export function readFlatColumn(
  bytes: ArrayBuffer,
  decoder: ColumnDecoder,
  rowCount: number,
  map: (values: ArrayLike<unknown>) => ArrayLike<unknown>,
): unknown[] {
  const reader = { view: new DataView(bytes), offset: 0 };
  const rows: unknown[] = [];
  let dictionary: ArrayLike<unknown> | undefined;
  while (rows.length < rowCount) {
    if (reader.offset >= bytes.byteLength) throw new Error(`it holds ${rows.length} of ${rowCount} rows`);
    const header = parquetHeader(reader);
    checkHeader(header, rowCount - rows.length);
    const pageBytes = new Uint8Array(bytes, reader.offset, header.compressed_page_size);
    reader.offset += header.compressed_page_size;
    if (header.type === "DICTIONARY_PAGE") dictionary = map(readDictionary(pageBytes, header, decoder));
    else if (header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2") {
      const { levels, values, isEntries, valueCount } = readPage(pageBytes, header, decoder);
      if (isEntries) appendEntries(rows, values as ArrayLike<number>, levels, dictionary, valueCount);
      else append(rows, map(convert(values, decoder)), levels, valueCount);
    }
  }
  return rows;
}

/** A page that claims to be larger is taken for damage. */
const pageBytesMax = 1024 * 1024 * 1024;

interface Page {
  /** 0 where a row has no value; undefined when all have. */
  readonly levels: ArrayLike<number> | undefined;
  readonly values: DecodedArray | Uint32Array;
  /** Whether the values are entries of the dictionary. */
  readonly isEntries: boolean;
  readonly valueCount: number;
}

/** Sizes are checked before anything of that size is made. */
function checkHeader(header: PageHeader, rowsLeft: number): void {
  const { uncompressed_page_size: pageBytes, compressed_page_size: compressedBytes } = header;
  if (!(pageBytes >= 0 && pageBytes <= pageBytesMax && compressedBytes >= 0)) {
    throw new Error(`a page claims to have ${compressedBytes} bytes that become ${pageBytes}`);
  }
  const count = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values;
  if (count !== undefined && !(count >= 0 && count <= rowsLeft)) {
    throw new Error(`a page claims to have ${count} values for the ${rowsLeft} rows that are left`);
  }
}

function readDictionary(bytes: Uint8Array, header: PageHeader, decoder: ColumnDecoder): ArrayLike<unknown> {
  const { num_values: entryCount } = header.dictionary_page_header!;
  const page = decompressPage(bytes, header.uncompressed_page_size, decoder.codec, decoder.compressors);
  // An entry takes a bit at least.
  if (!(entryCount >= 0 && entryCount <= page.length * 8)) throw new Error(`a dictionary claims ${entryCount} entries`);
  return convert(readPlainValues(page, entryCount, decoder), decoder);
}

function readPage(bytes: Uint8Array, header: PageHeader, decoder: ColumnDecoder): Page {
  return header.type === "DATA_PAGE_V2" ? readPageV2(bytes, header, decoder) : readPageV1(bytes, header, decoder);
}

function readPageV1(bytes: Uint8Array, header: PageHeader, decoder: ColumnDecoder): Page {
  const page = decompressPage(bytes, header.uncompressed_page_size, decoder.codec, decoder.compressors);
  const { encoding, num_values: valueCount } = header.data_page_header!;
  let at = 0;
  let levels: Uint32Array | undefined;
  if (decoder.element.repetition_type !== "REQUIRED") {
    const levelBytes = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true);
    at = 4 + levelBytes;
    levels = readRuns(page.subarray(4, at), 1, valueCount);
  }
  return (
    readValues(page.subarray(at), encoding, levels, valueCount, decoder) ??
    unusual(readDataPage(page, header.data_page_header!, decoder).dataPage, levels, valueCount)
  );
}

function readPageV2(bytes: Uint8Array, header: PageHeader, decoder: ColumnDecoder): Page {
  const {
    encoding,
    num_values: valueCount,
    definition_levels_byte_length: levelBytes,
    repetition_levels_byte_length: repetitionBytes,
    is_compressed: isCompressed,
  } = header.data_page_header_v2!;
  const at = levelBytes + repetitionBytes;
  const isOptional = decoder.element.repetition_type !== "REQUIRED";
  const levels = isOptional ? readRuns(bytes.subarray(repetitionBytes, at), 1, valueCount) : undefined;
  const rest = bytes.subarray(at);
  const restBytes = header.uncompressed_page_size - at;
  // A page of nothing but missing values has nothing to decompress.
  const isPlain = isCompressed === false || rest.length === 0;
  const page = isPlain ? rest : decompressPage(rest, restBytes, decoder.codec, decoder.compressors);
  return (
    readValues(page, encoding, levels, valueCount, decoder) ??
    unusual(readDataPageV2(bytes, header, decoder).dataPage, levels, valueCount)
  );
}

/** Undefined when the encoding is an unusual one. */
function readValues(
  page: Uint8Array,
  encoding: string,
  levels: Uint32Array | undefined,
  valueCount: number,
  decoder: ColumnDecoder,
): Page | undefined {
  let presentCount = valueCount;
  if (levels !== undefined) for (let index = 0; index < valueCount; index += 1) presentCount -= 1 - levels[index]!;
  const present = presentCount === valueCount ? undefined : levels;
  if (encoding === "PLAIN") {
    const values = readPlainValues(page, presentCount, decoder);
    return { levels: present, values, isEntries: false, valueCount };
  }
  if (!encoding.endsWith("_DICTIONARY")) return undefined;
  const values = presentCount === 0 ? new Uint32Array() : readRuns(page.subarray(1), page[0]!, presentCount);
  return { levels: present, values, isEntries: true, valueCount };
}

function readPlainValues(page: Uint8Array, count: number, { type, element }: ColumnDecoder): DecodedArray {
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
  const values = readPlain(reader, type, count, element.type_length);
  // Values are views, and a view may lie beyond the page in the buffer that both share.
  if (reader.offset > page.byteLength) throw new Error(`a page ends within its ${count} values`);
  return values;
}

function unusual(values: DecodedArray, levels: Uint32Array | undefined, valueCount: number): Page {
  return { levels: values.length === valueCount ? undefined : levels, values, isEntries: false, valueCount };
}

function append(
  rows: unknown[],
  values: ArrayLike<unknown>,
  levels: ArrayLike<number> | undefined,
  count: number,
): void {
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    if (levels !== undefined && levels[index] === 0) rows.push(null);
    else {
      rows.push(values[next]);
      next += 1;
    }
  }
  if (next !== values.length) throw new Error(`a page holds ${values.length} values instead of ${next}`);
}

function appendEntries(
  rows: unknown[],
  entries: ArrayLike<number>,
  levels: ArrayLike<number> | undefined,
  dictionary: ArrayLike<unknown> = [],
  count: number,
): void {
  const entryCount = dictionary.length;
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    if (levels !== undefined && levels[index] === 0) rows.push(null);
    else {
      const entry = entries[next]!;
      if (entry >= entryCount) throw new Error(`a page names entry ${entry} of a dictionary of ${entryCount}`);
      rows.push(dictionary[entry]);
      next += 1;
    }
  }
}
