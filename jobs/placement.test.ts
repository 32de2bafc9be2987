import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlacedChain, placeChains } from "./placement.ts";

const chain = (parallelism: number, more: Partial<PlacedChain> = {}): PlacedChain => ({
  parallelism,
  weight: 1,
  onMain: false,
  forwardFrom: undefined,
  staysThere: false,
  ...more,
});

const arbitraryChains = fc.array(
  fc.record({
    parallelism: fc.integer({ min: 1, max: 9 }),
    weight: fc.integer({ min: 1, max: 5 }),
    onMain: fc.boolean(),
    forwardFrom: fc.constant(undefined),
    staysThere: fc.constant(false),
  }),
  { minLength: 1, maxLength: 12 },
);

test("the instances of a chain go to as many hosts as possible, evenly", () => {
  fc.assert(
    fc.property(arbitraryChains, fc.integer({ min: 1, max: 6 }), (chains, hostCount) => {
      const placed = placeChains(chains, hostCount);

      for (const [index, hosts] of placed.entries()) {
        const { onMain, parallelism } = chains[index] as PlacedChain;
        if (onMain) continue;
        const counts = countBy(hosts, hostCount);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(new Set(hosts).size).toBe(Math.min(parallelism, hostCount));
      }
    }),
  );
});

test("the load of two worker threads differs by no more than the longest chain", () => {
  fc.assert(
    fc.property(arbitraryChains, fc.integer({ min: 1, max: 6 }), (chains, hostCount) => {
      const placed = placeChains(chains, hostCount);

      const loads = new Array<number>(hostCount).fill(0);
      for (const [index, hosts] of placed.entries()) {
        for (const host of hosts) {
          if (host > 0) loads[host - 1] = (loads[host - 1] ?? 0) + (chains[index]?.weight ?? 0);
        }
      }
      const longest = Math.max(...chains.map((one) => one.weight));
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(longest);
    }),
  );
});

test("without worker threads everything is on the calling thread", () => {
  expect(placeChains([chain(3), chain(2)], 0)).toEqual([
    [0, 0, 0],
    [0, 0],
  ]);
});

test("a chain on main loads no worker thread", () => {
  expect(placeChains([chain(1, { onMain: true, weight: 9 }), chain(1), chain(1)], 2)).toEqual([[0], [1], [2]]);
});

test("a short chain goes where the load is lowest", () => {
  expect(placeChains([chain(1, { weight: 3 }), chain(1), chain(1)], 2)).toEqual([[1], [2], [2]]);
});

test("of equally loaded hosts the one of the forward neighbour is taken", () => {
  const upstream = chain(3);
  const filler = chain(3);

  expect(placeChains([upstream, filler, chain(3, { forwardFrom: 0 })], 3)[2]).toEqual([1, 2, 3]);
  expect(placeChains([chain(1), chain(1), chain(2, { forwardFrom: 1 })], 2)[2]).toEqual([2, 1]);
});

function countBy(hosts: readonly number[], hostCount: number): number[] {
  return Array.from({ length: hostCount }, (_, index) => hosts.filter((host) => host === index + 1).length);
}
