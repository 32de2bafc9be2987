/**
 * ObjectKeys: with how many keys state is kept as objects. A test may have fewer, so that state is packed in the middle of a short
 * run: in its own thread, for as long as a function takes.
 */

import { assert } from "../../../runtime/index.ts";
import { encodedStateKeysMax, objectStateKeysMax, warmCollectionsMax } from "../../limits.ts";

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
