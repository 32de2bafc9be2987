/**
 * retainedBytes: about how much memory a batch that an outbox keeps takes. Encoded, its length; by reference, an estimate
 * from one of its events, because looking at all of them would cost more than sending them.
 */

import type { Batch } from "../batch.ts";
import { retainedItemBytes } from "../limits.ts";

const fieldBytes = 8;
const objectBytes = 32;
/** Parts looked at of an object or array; fewer the deeper, so that one estimate looks at a bounded number. */
const partsLookedAtMax = 8;
const depthMax = 4;

/** Bytes of a batch in an outbox, what the log itself needs for it included. */
export function retainedBytes(body: Batch | Uint8Array): number {
  if (body instanceof Uint8Array) return retainedItemBytes + body.byteLength;
  return retainedItemBytes + Math.ceil(body.values.length * eventBytes(body));
}

/** About how much memory an event of a batch takes, of which there is one at least. */
export function eventBytes({ values, times, keys }: Batch): number {
  const middle = values.length >> 1;
  return (
    fieldBytes +
    estimate(values[middle], 0) +
    (times === undefined ? 0 : fieldBytes) +
    (keys === undefined ? 0 : fieldBytes + estimate(keys[middle], 0))
  );
}

/** What a value takes beyond the field that holds it. */
function estimate(value: unknown, depth: number): number {
  if (typeof value === "string") return objectBytes + 2 * value.length;
  if (typeof value === "bigint") return objectBytes;
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return objectBytes + value.byteLength;
  if (Array.isArray(value)) return objectBytes + parts(value, depth);
  // Maps and sets are rare in events; their entries are taken for small.
  if (value instanceof Map || value instanceof Set) return objectBytes + value.size * 2 * objectBytes;
  return objectBytes + parts(Object.values(value), depth);
}

function parts(all: readonly unknown[], depth: number): number {
  const count = all.length;
  if (count === 0 || depth >= depthMax) return count * fieldBytes;
  const lookedAt = Math.min(count, Math.max(1, partsLookedAtMax >> depth));
  let sum = 0;
  for (let index = 0; index < lookedAt; index += 1) sum += estimate(all[index], depth + 1);
  return count * fieldBytes + (sum * count) / lookedAt;
}
