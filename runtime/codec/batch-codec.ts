/**
 * A batch, a struct of arrays, as one self-contained msgpack message. Rows of equal shape share one record definition;
 * times, and values that are all numbers, travel as one array of doubles.
 */

import { checkSize, decode, explain } from "./codec.ts";
import { FrameCorruptError } from "./frame-error.ts";
import { packBatchView } from "./packr.ts";
import { assertPlainData } from "./plain-data.ts";

export interface Columns {
  readonly values: readonly unknown[];
  /** One per value, in ms since the epoch. */
  readonly times: readonly number[] | undefined;
  /** One per value. */
  readonly keys: readonly (string | number | bigint | boolean)[] | undefined;
}

/**
 * The bytes of a batch, in a buffer of their own.
 *
 * @throws ERR_RT_NOT_PLAIN_DATA naming the place, such as `values[3].user.onClick`; ERR_RT_FRAME_TOO_LARGE
 */
export function encodeBatch(batch: Columns): Uint8Array<ArrayBuffer> {
  const { values, times, keys } = batch;
  const message: Message = [
    areNumbers(values) ? Float64Array.from(values) : values,
    times === undefined ? undefined : Float64Array.from(times),
    keys !== undefined && areNumbers(keys) ? Float64Array.from(keys) : keys,
  ];
  let view: Uint8Array;
  try {
    view = packBatchView(message);
  } catch (error) {
    throw explain(error, "batch", () => {
      assertPlainData(values, "values");
      assertPlainData(keys, "keys");
    });
  }
  checkSize(view);
  return new Uint8Array(view);
}

/** The batch that `encodeBatch` was given. Throws ERR_RT_FRAME_CORRUPT. */
export function decodeBatch(bytes: Uint8Array): Columns {
  const message = decode(bytes);
  if (!isMessage(message)) throw new FrameCorruptError(bytes.byteLength, new Error("not a batch"));
  const [values, times, keys] = message;
  return {
    values: values instanceof Float64Array ? Array.from(values) : values,
    times: times === undefined ? undefined : Array.from(times),
    keys: keys instanceof Float64Array ? Array.from(keys) : keys,
  };
}

type Message = [
  values: readonly unknown[] | Float64Array,
  times: Float64Array | undefined,
  keys: Columns["keys"] | Float64Array,
];

function areNumbers(values: readonly unknown[]): values is readonly number[] {
  for (let index = 0; index < values.length; index += 1) {
    if (typeof values[index] !== "number") return false;
  }
  return true;
}

function isMessage(message: unknown): message is Message {
  if (!Array.isArray(message) || message.length !== 3) return false;
  const [values, times, keys] = message;
  if (!Array.isArray(values) && !(values instanceof Float64Array)) return false;
  if (times !== undefined && !(times instanceof Float64Array && times.length === values.length)) return false;
  return keys === undefined || ((Array.isArray(keys) || keys instanceof Float64Array) && keys.length === values.length);
}
