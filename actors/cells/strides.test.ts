import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Batch } from "../batch.ts";
import { Strides } from "./strides.ts";

/** A batch of the numbers from `from`; the position behind them is the next number. */
function numbers(from: number, count: number): Batch {
  return { values: Array.from({ length: count }, (_, at) => from + at), times: undefined, keys: undefined };
}

describe("what a source has read", () => {
  test("is gone on with exactly, wherever it was stopped and however it is read the next time (S2)", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("read" as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constant("pass" as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constant("fail" as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constant("hand on" as const), count: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constant("stop" as const), count: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const handedOn: unknown[] = [];
        let strides = new Strides(false, { position: 0, skipCount: 0 });
        for (const { kind, count } of steps) {
          const position = strides.position as number;
          if (kind === "read") strides.push(numbers(position, count), position + count);
          // What is handed on as it is read comes when nothing waits; of as many again there is a stride, unless the reader fails.
          if ((kind === "pass" || kind === "fail") && strides.count === 0 && strides.skipCount === 0) {
            handedOn.push(...numbers(position, count).values);
            if (kind === "pass") strides.push(numbers(position + count, count), position + 2 * count, count);
            else strides.skip(count);
          }
          if (kind === "stop") strides = new Strides(false, strides.standing);
          const { next } = strides;
          if (kind !== "hand on" || next === undefined) continue;
          const to = Math.min(next.batch.values.length, next.from + count);
          handedOn.push(...next.batch.values.slice(next.from, to));
          strides.take(to);
        }
        expect(handedOn).toEqual(numbers(0, handedOn.length).values);
        const { position, skipCount } = strides.standing;
        expect((position as number) + skipCount).toBe(handedOn.length);
      }),
    );
  });

  test("waits for its release where strides are reserved, and may be given back (S1)", () => {
    const strides = new Strides(true, { position: 0, skipCount: 0 });
    for (const from of [0, 10, 20]) strides.push(numbers(from, 10), from + 10);
    expect(strides.next).toBeUndefined();

    strides.release(1);
    expect(strides.next).toMatchObject({ seq: 0 });
    strides.take(10);
    strides.take(4);
    strides.dropUnreleased();

    expect([strides.count, strides.position, strides.standing]).toEqual([1, 20, { position: 10, skipCount: 4 }]);
  });

  test("ends behind what its input was told not to keep, and counts what of that was not handed on (S2)", () => {
    const strides = new Strides(true, { position: 0, skipCount: 0 });
    for (const from of [0, 10, 20]) strides.push(numbers(from, 10), from + 10);
    expect(strides.end).toEqual({ standing: { position: 0, skipCount: 0 }, unsureEvents: 0 });

    strides.confirm(1);
    strides.release(0);
    strides.take(4);

    expect(strides.end).toEqual({ standing: { position: 20, skipCount: 0 }, unsureEvents: 16 });
  });
});
