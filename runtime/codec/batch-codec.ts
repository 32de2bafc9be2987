/**
 * A batch, a struct of arrays, as one self-contained msgpack message: as columns, which take a sixth of the time of rows and a
 * third of the bytes; as rows when it is small, and the columns would cost more than they save, or larger than columns may be.
 *
 * What comes back equals what went in, as `codec.ts` says.
 */

import { columnEventsMax, columnEventsMin } from "../limits.ts";
import { checkSize, encodeView, explain } from "./codec.ts";
import { ColumnReader, type PlacedColumn } from "./columns/column-decoder.ts";
import { writeColumns, writeValues } from "./columns/column-encoder.ts";
import { PartWriter } from "./columns/part-writer.ts";
import type { RowColumns } from "./columns/row-columns.ts";
import { FrameCorruptError, FrameTooLargeError } from "./frame-error.ts";
import { unpackAll, unpackOne } from "./packr.ts";
import { assertPlainData } from "./plain-data.ts";

export interface Columns {
  readonly values: readonly unknown[];
  /** One per value, in ms since the epoch. */
  readonly times: readonly number[] | undefined;
  /** One per value. */
  readonly keys: readonly (string | number | bigint | boolean)[] | undefined;
  /** One per value, whole numbers from 0 on. */
  readonly counts?: readonly number[] | undefined;
}

/**
 * The bytes of a batch, until the next one is encoded: for copying at once.
 *
 * @throws ERR_RT_NOT_PLAIN_DATA naming the place, such as `values[3].user.onClick`; ERR_RT_FRAME_TOO_LARGE
 */
export function encodeBatch(batch: Columns): Uint8Array {
  const { values, times, keys, counts } = batch;
  let bytes: Uint8Array;
  try {
    const { length } = values;
    const areColumns = length >= columnEventsMin && length <= columnEventsMax;
    bytes = areColumns
      ? encodeColumns(batch)
      : encodeView(counts === undefined ? [values, times, keys] : [values, times, keys, counts], "batch");
  } catch (error) {
    if (error instanceof FrameTooLargeError) throw error;
    throw explain(error, "batch", () => {
      assertPlainData(values, "values");
      assertPlainData(keys, "keys");
    });
  }
  checkSize(bytes);
  return bytes;
}

/** The same bytes for rows that were taken one by one; undefined where they have to be encoded as a batch, because they are few or are refused. */
export function encodeRows(rows: RowColumns): Uint8Array | undefined {
  const { shape, count } = rows;
  if (count < columnEventsMin) return undefined;
  try {
    const bytes = written(count, columnsParts, (writer) => {
      writeColumns(writer, shape, rows.finish(), count, [undefined, rows.keyField ?? rows.keyList()]);
    });
    checkSize(bytes);
    return bytes;
  } catch {
    return undefined;
  }
}

/** The batch that `encodeBatch` was given. Throws ERR_RT_FRAME_CORRUPT. */
export function decodeBatch(bytes: Uint8Array): Columns {
  try {
    return bytes[0] === columnsToken ? decodeColumns(bytes) : decodeRows(bytes);
  } catch (error) {
    throw new FrameCorruptError(bytes.byteLength, error);
  }
}

/** An array with a length of two bytes; rows are in one with a length of four bits. */
const columnsToken = 0xdc;
/** With counts there is one more. */
const columnsParts = 4;
/** Longer rows are faster read by msgpackr, which makes functions for them. */
const shortRowsBytesMax = 64 * 1024;

/** Undefined while it is at work: a getter of an event may lead here. */
let idleWriter: PartWriter | undefined = new PartWriter();

function encodeColumns({ values, times, keys, counts }: Columns): Uint8Array {
  return written(values.length, counts === undefined ? columnsParts : columnsParts + 1, (writer) => {
    writeValues(writer, values, counts === undefined ? [times, keys] : [times, keys, counts]);
  });
}

function written(count: number, partCount: number, write: (writer: PartWriter) => void): Uint8Array {
  const writer = idleWriter ?? new PartWriter();
  idleWriter = undefined;
  try {
    writer.array(partCount);
    writer.count(count);
    write(writer);
    return writer.view();
  } finally {
    writer.clear();
    idleWriter = writer;
  }
}

function decodeColumns(bytes: Uint8Array): Columns {
  const reader = new ColumnReader(bytes);
  const partCount = reader.array();
  if (partCount !== columnsParts && partCount !== columnsParts + 1) throw new Error("not a batch");
  reader.setCount(reader.count());
  const { values, fields } = reader.columnWithFields();
  const times = listOf(reader, fields);
  const keys = listOf(reader, fields);
  const counts = partCount === columnsParts ? undefined : listOf(reader, fields);
  reader.end();
  return {
    values: reader.values(values),
    times: times as Columns["times"],
    keys: keys as Columns["keys"],
    ...(counts === undefined ? {} : { counts: counts as readonly number[] }),
  };
}

function listOf(reader: ColumnReader, fields: readonly PlacedColumn[]): readonly unknown[] | undefined {
  const part = reader.columnOrNumber();
  if (part === undefined) return undefined;
  const column = typeof part === "number" ? fields[part] : part;
  if (column === undefined) throw new Error("a field that there is not");
  return reader.values(column);
}

function decodeRows(bytes: Uint8Array): Columns {
  const [message, ...behind] = bytes.byteLength <= shortRowsBytesMax ? unpackAll(bytes) : [unpackOne(bytes)];
  if (!isMessage(message) || behind.length > 0) throw new Error("not a batch");
  const [values, times, keys, counts] = message;
  return {
    values,
    times: times === undefined ? undefined : numberList(times),
    keys: keys?.every((key) => typeof key === "number") ? numberList(keys) : keys,
    ...(counts === undefined ? {} : { counts: numberList(counts) }),
  };
}

/**
 * As an array of numbers, as columns have it. What msgpack reads are arrays of anything: a loop that has seen one of them has the engine make
 * those of numbers into such, each number an object.
 */
function numberList(list: readonly number[]): number[] {
  const numbers = new Array<number>(list.length);
  for (let index = 0; index < numbers.length; index += 1) numbers[index] = list[index] as number;
  return numbers;
}

type Message = [values: readonly unknown[], times: Columns["times"], keys: Columns["keys"], counts?: readonly number[]];

function isMessage(message: unknown): message is Message {
  if (!Array.isArray(message) || (message.length !== 3 && message.length !== 4)) return false;
  const [values, times, keys, counts] = message;
  if (!Array.isArray(values)) return false;
  if (message.length === 4 && !(isListOf(counts, values.length) && counts.every(Number.isSafeInteger))) return false;
  if (times !== undefined && !(isListOf(times, values.length) && times.every((time) => typeof time === "number")))
    return false;
  return keys === undefined || isListOf(keys, values.length);
}

function isListOf(list: unknown, length: number): list is unknown[] {
  return Array.isArray(list) && list.length === length;
}
