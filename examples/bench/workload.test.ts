import { describe, expect, it } from "vitest";
import { bridgeEventAt, isHeavy, toCrossing } from "./bridge-event.ts";
import { differenceOf } from "./workload.ts";
import { workloads } from "./workloads.ts";

describe("workload", () => {
  it.each([1, 999, 1000, 1001, 4999, 5000, 5001, 12_345])(
    "W1: the closed form equals the loop for %i events",
    (units) => {
      let kept = 0;
      for (let index = 0; index < units; index++) if (isHeavy(toCrossing(bridgeEventAt(index)))) kept++;

      expect(workloads.W1.expectedAnswer(units)).toEqual([kept]);
    },
  );

  it("W2 and W4: every event is counted once, under one of 1000 bridges", () => {
    const answer = workloads.W2.expectedAnswer(10_007) as number[];

    expect(answer).toHaveLength(1000);
    expect(answer.reduce((sum, count) => sum + count, 0)).toBe(10_007);
    expect(workloads.W4.expectedAnswer(10_007)).toEqual(answer);
  });

  it("W3: has a result for each bridge and second, and every weight is in one of them", () => {
    const weights = Array.from({ length: 10_007 }, (_, index) => bridgeEventAt(index).weight);
    const seconds = new Set(
      weights.map((_, index) => `${bridgeEventAt(index).bridge} ${Math.floor(bridgeEventAt(index).ts / 1_000)}`),
    );

    expect(workloads.W3.expectedAnswer(10_007)).toEqual([
      seconds.size,
      weights.reduce((sum, weight) => sum + weight),
      expect.any(Number),
    ]);
  });

  it("W5: has fewer asks than events, at least one, and expects the sum of the replies", () => {
    expect(workloads.W5.unitsFor(2_000_000)).toBe(20_000);
    expect(workloads.W5.unitsFor(1)).toBe(1);
    expect(workloads.W5.expectedAnswer(4)).toEqual([1 + 2 + 3 + 4]);
  });

  it("generates the events of the design", () => {
    expect(bridgeEventAt(0)).toEqual({ vehicle: "car", bridge: 0, ts: 1700000000000, weight: 0 });
    expect(bridgeEventAt(5007)).toEqual({
      vehicle: "bus",
      bridge: ((5007 * 2654435761) >>> 0) % 1000,
      ts: 1700000005007,
      weight: 7,
    });
  });
});

describe("difference of two answers", () => {
  it("is undefined when they are equal", () => {
    expect(differenceOf([1, 2], [1, 2])).toBeUndefined();
  });

  it("names the first place that differs", () => {
    expect(differenceOf([1, 2, 3], [1, 5, 4])).toBe("number 1 of the answer: expected 2, got 5");
  });

  it("tells when the lengths differ", () => {
    expect(differenceOf([1], [])).toBe("expected 1 numbers, got 0");
  });

  it("is not fooled by a number that is no number", () => {
    expect(differenceOf([1], [Number.NaN])).toBe("number 0 of the answer: expected 1, got NaN");
  });
});
