/**
 * ObjectKeys: with how many keys state is kept as objects. A test may have fewer, so that state is packed in the middle of a short
 * run: in its own thread, for as long as a function takes.
 */

import { assert } from "../../../runtime/index.ts";
import { encodedStateKeysMax, objectStateKeysMax, warmCollectionsMax } from "../../limits.ts";

/** Of so many times as many keys as there may be objects as many are held. */
const heldShare = 2;

let keysMax = objectStateKeysMax;

export function objectKeysMax(): number {
  return keysMax;
}

/** The same where values have to be encoded. */
export function encodedKeysMax(): number {
  return (keysMax * encodedStateKeysMax) / objectStateKeysMax;
}

/** Of packed collections so many are objects while they change. */
export function warmCellsMax(): number {
  return (keysMax * warmCollectionsMax) / objectStateKeysMax;
}

/**
 * Of so many keys whose values have to be encoded so many are objects where state is packed. Where nearly all values would be packed none is: those that
 * are held would be asked for rarely, and a key that is packed later is far away in the memory by then.
 */
export function heldValuesMax(keyCount: number): number {
  return keyCount <= heldShare * encodedKeysMax() ? encodedKeysMax() : 0;
}

/** Whether a table has to encode it. */
export function isEncoded(value: unknown): boolean {
  return typeof value !== "number" && typeof value !== "boolean" && value !== undefined && value !== null;
}

/**
 * State that is made until the promise is settled that `run` returns is kept as objects with up to so many keys. One at a time.
 *
 * @internal
 */
export async function withObjectKeysMax<R>(count: number, run: () => Promise<R>): Promise<R> {
  assert(keysMax === objectStateKeysMax, "one bound at a time");
  keysMax = count;
  try {
    return await run();
  } finally {
    keysMax = objectStateKeysMax;
  }
}
