import { describe, expect, it } from "vitest";
import { interleave, type Lane } from "./interleave.ts";

function lane(name: string, log: string[], round: (count: number) => number = (count) => count): Lane<number> {
  let count = 0;
  return {
    name,
    run: async () => {
      log.push(name);
      return round(count++);
    },
    refuse: (value) => (value < 0 ? `got ${value}` : undefined),
  };
}

describe("interleave", () => {
  it("takes turns, each in each place and behind each other one as often, and does not count the warm-up round", async () => {
    const log: string[] = [];

    const outcomes = await interleave([lane("A", log), lane("B", log), lane("C", log), lane("D", log)], 3);

    expect(log.join("")).toBe("ABDC BCAD CDBA DACB".replaceAll(" ", ""));
    expect(outcomes).toEqual(Array.from({ length: 4 }, () => ({ kind: "measured", rounds: [1, 2, 3] })));
  });

  it.each([1, 2, 3, 5, 7])("of %i lanes has each once in each round", async (count) => {
    const log: string[] = [];

    await interleave(
      Array.from({ length: count }, (_, index) => lane(String(index), log)),
      2,
    );

    for (let from = 0; from < log.length; from += count)
      expect(new Set(log.slice(from, from + count)).size).toBe(count);
    expect(log).toHaveLength(3 * count);
  });

  it("closes a lane at its first wrong answer and goes on with the others", async () => {
    const log: string[] = [];
    const wrongInSecondRound = lane("A", log, (count) => (count === 1 ? -1 : count));

    const outcomes = await interleave([wrongInSecondRound, lane("B", log)], 2);

    expect(log.join(" ")).toBe("A B B A B");
    expect(outcomes[0]).toEqual({ kind: "wrong", reason: "got -1" });
    expect(outcomes[1]).toEqual({ kind: "measured", rounds: [1, 2] });
  });

  it("refuses a wrong answer in the warm-up round too", async () => {
    const outcomes = await interleave([lane("A", [], (count) => (count === 0 ? -1 : count))], 1);

    expect(outcomes).toEqual([{ kind: "wrong", reason: "got -1" }]);
  });

  it("turns a throw into a failed outcome", async () => {
    const throwing = lane("A", [], () => {
      throw new Error("the thread died");
    });

    expect(await interleave([throwing], 1)).toEqual([{ kind: "failed", reason: "the thread died" }]);
  });
});
