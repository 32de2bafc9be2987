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
import { batchChunkBytes, spareChunksMax } from "../limits.ts";

interface Chunk {
  readonly bytes: Uint8Array;
  usedBytes: number;
  keptCount: number;
}

/** Of this thread: an outbox that keeps nothing holds no chunk. */
const spares: Uint8Array[] = [];

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
    if (spares.length < spareChunksMax) spares.push(chunk.bytes);
  }

  #chunkFor(byteLength: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.usedBytes + byteLength <= batchChunkBytes) return last;
    const chunk = { bytes: spares.pop() ?? new Uint8Array(batchChunkBytes), usedBytes: 0, keptCount: 0 };
    this.#chunks.push(chunk);
    return chunk;
  }
}

/** Large ones would leave much of a chunk empty. */
function isInChunk({ byteLength }: Uint8Array): boolean {
  return byteLength <= batchChunkBytes / 4;
}
