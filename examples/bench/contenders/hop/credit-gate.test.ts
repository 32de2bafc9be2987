import { describe, expect, it } from "vitest";
import { CreditGate } from "./credit-gate.ts";

describe("credit gate", () => {
  it("hands out its window and no more", () => {
    const gate = new CreditGate(2);

    expect([gate.tryTake(), gate.tryTake(), gate.tryTake()]).toEqual([true, true, false]);
  });

  it("lets a waiting sender go on when credit comes back", async () => {
    const gate = new CreditGate(1);
    gate.tryTake();
    const refilled = gate.refilled();

    gate.give(1);

    await refilled;
    expect([gate.tryTake(), gate.tryTake()]).toEqual([true, false]);
  });

  it("does not make a sender wait while there is credit", async () => {
    await new CreditGate(1).refilled();
  });
});
