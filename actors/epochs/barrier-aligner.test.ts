import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Alignment, BarrierAligner } from "./barrier-aligner.ts";

describe("aligned", () => {
  test("holds back an input that delivered the barrier until all have", () => {
    const aligner = new BarrierAligner(2, "aligned", 0);

    expect(aligner.onBarrier(0, 1)).toBeUndefined();
    expect([aligner.holdsBack(0), aligner.holdsBack(1)]).toEqual([true, false]);
    expect(aligner.onBarrier(1, 1)).toBe(1);
    expect([aligner.holdsBack(0), aligner.holdsBack(1)]).toEqual([false, false]);
  });

  test("one input waits for nobody", () => {
    expect(new BarrierAligner(1, "aligned", 3).onBarrier(0, 4)).toBe(4);
  });

  test("two inputs that release at different barriers break B2", () => {
    const aligner = new BarrierAligner(2, "aligned", 0);
    aligner.onBarrier(0, 1);

    expect(() => aligner.onBarrier(1, 2)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  });
});

describe("counted", () => {
  test("lets everybody go on, and snapshots what the slowest input has reached", () => {
    const aligner = new BarrierAligner(2, "counted", 0);

    expect(aligner.onBarrier(0, 1)).toBeUndefined();
    expect(aligner.onBarrier(0, 2)).toBeUndefined();
    expect(aligner.holdsBack(0)).toBe(false);
    expect(aligner.isLevel).toBe(false);
    expect(aligner.onBarrier(1, 2)).toBe(2);
    expect(aligner.isLevel).toBe(true);
  });

  test("an input that starts over counts its barriers again, and nothing is snapshotted twice", () => {
    const aligner = new BarrierAligner(2, "counted", 5);
    aligner.onBarrier(0, 7);
    expect(aligner.onBarrier(1, 7)).toBe(7);

    aligner.reopen(0, 5);

    expect(aligner.highestOf(0)).toBe(5);
    expect(aligner.onBarrier(0, 7)).toBeUndefined();
    expect(aligner.onBarrier(0, 8)).toBeUndefined();
    expect(aligner.onBarrier(1, 8)).toBe(8);
  });

  test("an input that starts over before its barrier keeps where it stands", () => {
    const aligner = new BarrierAligner(1, "counted", 2);

    aligner.reopen(0, 4);

    expect(aligner.highestOf(0)).toBe(2);
  });
});

test.each<Alignment>(["aligned", "counted"])("%s, a barrier that does not increase breaks B1", (alignment) => {
  const aligner = new BarrierAligner(1, alignment, 4);

  expect(() => aligner.onBarrier(0, 4)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
});

test("counted, what is released is the minimum over the inputs, each value once, whatever the order", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 }))),
      (n, moves) => {
        const aligner = new BarrierAligner(n, "counted", 0);
        const highest = new Array<number>(n).fill(0);
        let released = 0;
        for (const [pick, by] of moves) {
          const input = pick % n;
          highest[input] = (highest[input] as number) + by;
          const lowest = Math.min(...highest);
          expect(aligner.onBarrier(input, highest[input] as number)).toBe(lowest > released ? lowest : undefined);
          released = Math.max(released, lowest);
        }
      },
    ),
  );
});
