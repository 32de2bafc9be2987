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

test("gives what is due first while more is put in, also before what is there", () => {
  const step = fc.oneof(fc.record({ add: fc.integer({ min: 0, max: 20 }) }), fc.constant("take" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new TimeHeap<readonly [time: number, index: number]>();
      let inside: (readonly [time: number, index: number])[] = [];

      for (const [index, one] of steps.entries()) {
        if (one !== "take") {
          heap.add(one.add, [one.add, index]);
          inside.push([one.add, index]);
          inside.sort(([time, order], [otherTime, otherOrder]) => time - otherTime || order - otherOrder);
        } else {
          expect(heap.take()).toEqual(inside[0]);
          inside = inside.slice(1);
        }
        expect([heap.size, heap.firstTime]).toEqual([inside.length, inside[0]?.[0] ?? Number.POSITIVE_INFINITY]);
      }
    }),
  );
});

test("has nothing to give when it is empty", () => {
  const heap = new TimeHeap<number>();

  expect([heap.firstTime, heap.take()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
});
