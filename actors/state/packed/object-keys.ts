/**
 * ObjectKeys: with how many keys state is kept as objects. A test may have fewer, so that state is packed in the middle of a short
 * run: in its own thread, for as long as a function takes.
 */

import { assert } from "../../../runtime/index.ts";
import { encodedStateKeysMax, encodedValuesMax, objectStateKeysMax, warmCollectionsMax } from "../../limits.ts";

/** With how many keys state is kept as objects. */
interface Bounds {
  readonly numbers: number;
  /** Where values have to be encoded, all at once. */
  readonly encoded: number;
  /** Where they are encoded one by one. */
  readonly values: number;
}

/** Of so many times as many keys as there may be objects as many are held. */
const heldShare = 2;

const ownBounds: Bounds = { numbers: objectStateKeysMax, encoded: encodedStateKeysMax, values: encodedValuesMax };
let bounds = ownBounds;

export function objectKeysMax(): number {
  return bounds.numbers;
}

/** The same where values have to be encoded. */
export function encodedKeysMax(how: "at once" | "one by one"): number {
  return how === "at once" ? bounds.encoded : bounds.values;
}

/** Of packed collections so many are objects while they change. */
export function warmCellsMax(): number {
  return (bounds.numbers * warmCollectionsMax) / objectStateKeysMax;
}

/**
 * Of so many keys whose values have to be encoded so many are objects where state is packed. Where nearly all values would be packed none is: those that
 * are held would be asked for rarely, and a key that is packed later is far away in the memory by then.
 */
export function heldValuesMax(keyCount: number): number {
  return keyCount <= heldShare * bounds.values ? bounds.values : 0;
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
  assert(bounds === ownBounds, "one bound at a time");
  const encoded = (count * encodedStateKeysMax) / objectStateKeysMax;
  bounds = { numbers: count, encoded, values: encoded };
  try {
    return await run();
  } finally {
    bounds = ownBounds;
  }
}
