import { expect, test } from "vitest";
import type { Guarantee } from "../../epochs/guarantee.ts";
import { ghostCount } from "./swarm-item.ts";
import type { SwarmItem } from "./swarm-plan.ts";
import { swarmViolations } from "./swarm-violations.ts";

/** Items 0 to 3 of one key, counted as 1 to 4. */
const items = [0, 1, 2, 3].map((seq): SwarmItem => ({ key: "s.0/0", seq, lane: "", counts: [seq + 1] }));
const [first, second, third, fourth] = items as [SwarmItem, SwarmItem, SwarmItem, SwarmItem];
const model = { items, isOrdered: true, isWhole: true, parallelism: 1 };

function broken(shown: readonly SwarmItem[], guarantee: Guarantee): string[] {
  return swarmViolations("sink0", shown, model, guarantee).map(({ invariant }) => invariant);
}

test("what is as the model has it breaks nothing", () => {
  for (const guarantee of ["at-most-once", "at-least-once", "exactly-once"] as const) {
    expect(broken(items, guarantee)).toEqual([]);
  }
});

test("loss, doubling, another order, foreign items and state that forgot each break what is promised", () => {
  expect(broken([first, second, fourth], "exactly-once")).toEqual(["I1"]);
  expect(broken([first, second, fourth], "at-most-once")).toEqual([]);
  expect(broken([first, second, third, third, fourth], "exactly-once")).toEqual(["I2", "I3"]);
  expect(broken([first, second, third, third, fourth], "at-least-once")).toEqual([]);
  expect(broken([second, first, third, fourth], "at-most-once")).toEqual(["I3"]);
  expect(broken([...items, { ...fourth, seq: 9 }], "at-least-once")).toEqual(["I11"]);
  expect(broken([first, second, third, { ...fourth, counts: [3] }], "exactly-once")).toEqual(["I6"]);
  expect(broken([first, second, third, { ...fourth, counts: [3] }], "at-least-once")).toEqual(["I6"]);
  expect(broken([first, { ...second, counts: [2 + ghostCount] }], "at-most-once")).toEqual(["I6"]);
});

test("behind a filter no count is missed where the order of items is open: the highest may have been left out", () => {
  const unordered = { ...model, isOrdered: false };
  const shown = items.map((item) => ({ ...item, counts: [1] }));

  const found = (isWhole: boolean) =>
    swarmViolations("sink0", shown, { ...unordered, isWhole }, "at-least-once").map(({ invariant }) => invariant);

  expect([found(true), found(false)]).toEqual([["I6"], []]);
});
