/**
 * BatchMemory: where the encoded batches of an outbox lie until they are forgotten, one behind the other in chunks that are used
 * again. Buffers of their own that are kept until a checkpoint is complete grow old: an engine collects all of its heap for a few
 * megabytes of them.
 *
 * Invariants
 *  M1  batches are released in the order in which they were kept.
 *  M2  a chunk is written anew only when everything in it was released.
 */

import { assert, mutated } from "../../runtime/index.ts";
import { batchChunkBytes, batchChunkBytesMax, spareChunkBytesMax } from "../limits.ts";

interface Chunk {
  readonly bytes: Uint8Array;
  usedBytes: number;
  keptCount: number;
}

/** Of this thread, by their size: an outbox that keeps nothing holds no chunk. */
const spares = new Map<number, Uint8Array[]>();
let spareBytes = 0;

export class BatchMemory {
  /** The oldest first; the last one is written to. */
  readonly #chunks: Chunk[] = [];

  /** A copy of `bytes`, good until it is released. */
  keep(bytes: Uint8Array): Uint8Array {
    if (!isInChunk(bytes)) return new Uint8Array(bytes);
    const chunk = this.#chunkFor(bytes.byteLength);
    const kept = chunk.bytes.subarray(chunk.usedBytes, chunk.usedBytes + bytes.byteLength);
    kept.set(bytes);
    chunk.usedBytes += bytes.byteLength;
    chunk.keptCount += 1;
    return kept;
  }

  /** The oldest one that is kept; not a byte of it is written before something else is kept. */
  release(kept: Uint8Array): void {
    if (!isInChunk(kept)) return;
    const chunk = this.#chunks[0];
    assert(chunk !== undefined && chunk.bytes.buffer === kept.buffer, "M1: batches are released in order");
    chunk.keptCount -= 1;
    if (chunk.keptCount > 0 && !mutated("memory.frees-kept")) return;
    this.#chunks.shift();
    spare(chunk.bytes);
  }

  #chunkFor(byteLength: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.usedBytes + byteLength <= last.bytes.byteLength) return last;
    const chunk = { bytes: takeSpare(chunkBytesFor(byteLength)), usedBytes: 0, keptCount: 0 };
    this.#chunks.push(chunk);
    return chunk;
  }
}

/** Larger ones would leave much of a chunk empty. */
const sharesMin = 4;

function isInChunk({ byteLength }: Uint8Array): boolean {
  return byteLength <= batchChunkBytesMax / sharesMin;
}

/** Of the sizes, each four times the one before, the smallest that such batches do not leave much of empty. */
function chunkBytesFor(byteLength: number): number {
  let chunkBytes = batchChunkBytes;
  while (byteLength > chunkBytes / sharesMin) chunkBytes *= 4;
  return chunkBytes;
}

function spare(chunk: Uint8Array): void {
  if (spareBytes + chunk.byteLength > spareChunkBytesMax) return;
  spareBytes += chunk.byteLength;
  const others = spares.get(chunk.byteLength);
  if (others === undefined) spares.set(chunk.byteLength, [chunk]);
  else others.push(chunk);
}

function takeSpare(chunkBytes: number): Uint8Array {
  const chunk = spares.get(chunkBytes)?.pop();
  if (chunk === undefined) return new Uint8Array(chunkBytes);
  spareBytes -= chunkBytes;
  return chunk;
}
