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
  it("takes turns and does not count the warm-up round", async () => {
    const log: string[] = [];

    const outcomes = await interleave([lane("A", log), lane("B", log)], 2);

    expect(log.join(" ")).toBe("A B A B A B");
    expect(outcomes).toEqual([
      { kind: "measured", rounds: [1, 2] },
      { kind: "measured", rounds: [1, 2] },
    ]);
  });

  it("closes a lane at its first wrong answer and goes on with the others", async () => {
    const log: string[] = [];
    const wrongInSecondRound = lane("A", log, (count) => (count === 1 ? -1 : count));

    const outcomes = await interleave([wrongInSecondRound, lane("B", log)], 2);

    expect(log.join(" ")).toBe("A B A B B");
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
