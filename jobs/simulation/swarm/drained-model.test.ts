import { expect, test } from "vitest";
import { drainedModel } from "./drained-model.ts";
import type { SwarmItem } from "./swarm-plan.ts";
import { SwarmReach } from "./swarm-reach.ts";

const item = (instance: number, seq: number): SwarmItem => ({
  key: `source0.${instance}/0`,
  seq,
  lane: "",
  counts: [],
});
const flow = (...items: SwarmItem[]) => ({ items, isOrdered: true, isWhole: true, parallelism: 1 });

test("what one sink shows of a source instance has to be shown by all, and nothing behind it", () => {
  const all = [item(0, 0), item(0, 1), item(0, 2), item(1, 0)];
  const model = new Map([
    ["left", flow(...all)],
    ["right", flow(...all)],
  ]);
  const shown = new Map([
    ["left", [item(0, 0), item(0, 1)]],
    ["right", [item(0, 0)]],
  ]);

  const drained = drainedModel(model, shown);

  expect([drained.get("left")?.items, drained.get("right")?.items]).toEqual([all.slice(0, 2), all.slice(0, 2)]);
});

test("what is emitted again counts once", () => {
  const reach = new SwarmReach();
  for (const each of [item(0, 0), item(0, 1), item(1, 0), item(0, 0), item(0, 1), item(0, 2)]) reach.note(each);

  expect(reach.eventCount).toBe(4);
});
