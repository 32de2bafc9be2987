import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchChunkBytes, batchChunkBytesMax } from "../limits.ts";
import { BatchMemory } from "./batch-memory.ts";

function bytesOf(length: number, letter: number): Uint8Array {
  return new Uint8Array(length).fill(letter);
}

describe("the memory of encoded batches", () => {
  test("has each as it was until it is released, of several outboxes in any order", () => {
    const lengths = fc.oneof(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: batchChunkBytes }),
      fc.constant(batchChunkBytesMax / 4 + 1),
    );
    const step = fc.record({ memory: fc.nat(2), keeps: fc.array(lengths, { maxLength: 12 }), releases: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const memories = [0, 1, 2].map(() => ({ memory: new BatchMemory(), kept: [] as [Uint8Array, Uint8Array][] }));
        let letter = 0;
        for (const { memory: index, keeps, releases } of steps) {
          const { memory, kept } = memories[index]!;
          for (const length of keeps) {
            letter = (letter + 1) % 251;
            const bytes = bytesOf(length, letter);
            kept.push([memory.keep(bytes), Uint8Array.from(bytes)]);
            bytes.fill(0);
          }
          for (const [released] of kept.splice(0, releases)) memory.release(released);
          for (const { kept: all } of memories) {
            for (const [is, was] of all) expect(Buffer.compare(is, was)).toBe(0);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("is used again when nothing in it is kept", () => {
    const memory = new BatchMemory();
    const first = memory.keep(bytesOf(1_000, 1));
    const second = memory.keep(bytesOf(1_000, 2));
    expect(second.buffer).toBe(first.buffer);

    memory.release(first);
    expect(memory.keep(bytesOf(1_000, 3)).buffer).toBe(first.buffer);
    expect(second).toEqual(bytesOf(1_000, 2));

    const other = new BatchMemory();
    const third = memory.keep(bytesOf(batchChunkBytes / 4, 4));
    memory.release(second);
    expect(other.keep(bytesOf(1, 5)).buffer).not.toBe(third.buffer);
  });

  test("lets an outbox have the chunk that another one has emptied", () => {
    const [one, other] = [new BatchMemory(), new BatchMemory()];
    const kept = one.keep(bytesOf(10, 1));
    one.release(kept);

    expect(other.keep(bytesOf(10, 2)).buffer).toBe(kept.buffer);
  });

  test("has larger chunks for larger batches, used again as well", () => {
    const [memory, other] = [new BatchMemory(), new BatchMemory()];
    const small = memory.keep(bytesOf(10, 1));
    const [first, second] = [1, 2].map((letter) => memory.keep(bytesOf(batchChunkBytesMax / 4, letter)));
    expect(first!.buffer.byteLength).toBe(batchChunkBytesMax);
    expect(second!.buffer).toBe(first!.buffer);

    for (const kept of [small, first!, second!]) memory.release(kept);
    expect(other.keep(bytesOf(batchChunkBytes, 3)).buffer.byteLength).toBe(4 * batchChunkBytes);
    expect(other.keep(bytesOf(batchChunkBytesMax / 4, 4)).buffer).toBe(first!.buffer);
  });

  test("has a buffer for what is large", () => {
    const memory = new BatchMemory();
    const small = memory.keep(bytesOf(10, 1));
    const large = memory.keep(bytesOf(batchChunkBytesMax / 4 + 1, 2));

    expect(large.buffer).not.toBe(small.buffer);
    expect(large.buffer.byteLength).toBe(large.byteLength);
  });

  test("is released in order (M1)", () => {
    const memory = new BatchMemory();
    const many = Array.from({ length: 10 }, () => memory.keep(bytesOf(batchChunkBytes / 5, 1)));

    expect(() => memory.release(many.at(-1)!)).toThrow("M1");
  });
});
