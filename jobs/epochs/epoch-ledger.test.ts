import { expect, test } from "vitest";
import { EpochLedger } from "./epoch-ledger.ts";
import { snapshotOf } from "./fixtures/snapshots.ts";

const numbersOf = (complete: ReadonlyMap<string, readonly { readonly epoch: number }[]> | undefined) =>
  complete && Object.fromEntries([...complete].map(([cell, parts]) => [cell, parts.map(({ epoch }) => epoch)]));

test("an epoch is complete when every cell has acknowledged it", () => {
  const ledger = new EpochLedger(["a", "b"], 0);
  expect(ledger.start()).toBe(1);

  expect(ledger.acknowledge("a", snapshotOf(1))).toBeUndefined();
  expect([ledger.hasAcknowledged("a"), ledger.hasAcknowledged("b")]).toEqual([true, false]);
  expect(numbersOf(ledger.acknowledge("b", snapshotOf(1)))).toEqual({ a: [1], b: [1] });
  expect(ledger.inFlight).toBeUndefined();
});

test("only one epoch is in flight, and numbers are not used again", () => {
  const ledger = new EpochLedger(["a"], 0);
  ledger.start();

  expect(() => ledger.start()).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  ledger.cancel();
  expect(ledger.start()).toBe(2);
});

test("a cell that starts over has to acknowledge again", () => {
  const ledger = new EpochLedger(["a", "b"], 0);
  ledger.start();
  ledger.acknowledge("a", snapshotOf(1));

  ledger.forget("a");

  expect(ledger.acknowledge("b", snapshotOf(1))).toBeUndefined();
  expect(numbersOf(ledger.acknowledge("a", snapshotOf(1)))).toEqual({ a: [1], b: [1] });
});

test("what was acknowledged for a cancelled epoch is part of the next, except of cells that started over", () => {
  const ledger = new EpochLedger(["a", "b"], 0);
  ledger.start();
  ledger.acknowledge("a", snapshotOf(1));
  ledger.acknowledge("b", snapshotOf(1, "b"));
  ledger.start();
  ledger.acknowledge("a", snapshotOf(2));
  ledger.cancel();
  ledger.forget("b");
  ledger.start();

  expect(ledger.acknowledge("b", snapshotOf(3))).toBeUndefined();
  expect(numbersOf(ledger.acknowledge("a", snapshotOf(3)))).toEqual({ a: [2, 3], b: [3] });
});

test("a late acknowledgement of a cancelled epoch completes nothing", () => {
  const ledger = new EpochLedger(["a"], 0);
  ledger.start();
  ledger.cancel();
  ledger.start();

  expect(ledger.acknowledge("a", snapshotOf(1))).toBeUndefined();
  expect(numbersOf(ledger.acknowledge("a", snapshotOf(2)))).toEqual({ a: [1, 2] });
});

test("a cell that is not part of the run is no cell", () => {
  const ledger = new EpochLedger(["a"], 0);
  ledger.start();

  expect(() => ledger.acknowledge("b", snapshotOf(1))).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
});
