import fc from "fast-check";
import { expect, test } from "vitest";
import { TimeHeap } from "./time-heap.ts";

test("gives what is due first, and of the same time what came first", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 })), (times) => {
      const heap = new TimeHeap<number>();
      for (const [index, time] of times.entries()) heap.add(time, index);

      const taken: number[] = [];
      while (heap.size > 0) {
        expect(heap.firstTime).toBe(Math.min(...times.filter((_, index) => !taken.includes(index))));
        taken.push(heap.take() as number);
      }

      const indexes = times.map((_, index) => index);
      expect(taken).toEqual(
        indexes.sort((left, right) => (times[left] as number) - (times[right] as number) || left - right),
      );
    }),
  );
});

test("has nothing to give when it is empty", () => {
  const heap = new TimeHeap<number>();

  expect([heap.firstTime, heap.take()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
});
