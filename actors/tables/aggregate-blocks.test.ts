import fc from "fast-check";
import { expect, test } from "vitest";
import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import { aggregateBlockRows } from "../limits.ts";
import { AggregateBlocks } from "./aggregate-blocks.ts";
import { rowSteps } from "./fixtures/random-rows.ts";

/** Says all that it was given, in order, and can take nothing back. */
const listing: Aggregate<number, number[], number[]> = {
  create: () => [],
  add: (list, event) => [...list, event],
  merge: (into, from) => {
    for (const each of from) into.push(each);
    return into;
  },
  finish: (list) => list,
};

test.each([
  ["with merge", listing],
  ["without merge", { create: listing.create, add: listing.add, finish: listing.finish }],
])("the total is that of all rows in the order in which they came, %s", (_, aggregate) => {
  fc.assert(
    fc.property(rowSteps(fc.nat(), 200), fc.integer({ min: 0, max: 300 }), (steps, filled) => {
      const rows = new Map<Key, number>(Array.from({ length: filled }, (_, key) => [key, key]));
      let blocks = new AggregateBlocks(aggregate, rows);
      for (const [index, { key, row }] of steps.entries()) {
        if (row === undefined && !rows.has(key)) continue;
        if (row === undefined) rows.delete(key);
        else rows.set(key, row);
        blocks.set(key, row);

        expect(blocks.total ?? []).toEqual([...rows.values()]);
        if (index % 10 === 9) blocks = new AggregateBlocks(aggregate, rows);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("rows that come and go do not make it grow, and one that goes costs a block and the way up", () => {
  let calls = 0;
  const counted: typeof listing = {
    create: () => [],
    add: (list, event) => {
      calls += 1;
      return [Math.max(list[0] ?? 0, event)];
    },
    merge: (into, from) => {
      calls += 1;
      return [Math.max(into[0] ?? 0, from[0] ?? 0)];
    },
    finish: (list) => list,
  };
  const rows = new Map<Key, number>(Array.from({ length: 10_000 }, (_, key) => [key, key]));
  const blocks = new AggregateBlocks(counted, rows);

  calls = 0;
  blocks.set(9_999, undefined);

  expect(blocks.total).toEqual([9_998]);
  expect(calls).toBeLessThan(2 * aggregateBlockRows);

  calls = 0;
  for (let key = 10_000; key < 30_000; key += 1) {
    blocks.set(key, key);
    blocks.set(key, undefined);
  }
  expect(blocks.total).toEqual([9_998]);
  expect(calls / 20_000).toBeLessThan(2 * aggregateBlockRows);
});
