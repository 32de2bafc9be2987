import { expect, test } from "vitest";
import { commitBackoffMs } from "../limits.ts";
import type { OperatorLogic } from "../operator.ts";
import { defineTransactionalSink } from "../sinks/define-transactional-sink.ts";
import { CellDriver, stage } from "./fixtures/cell-driver.ts";
import { signalKind } from "./stream-signal.ts";

const retention = "until-acknowledged" as const;
const snapshots = (driver: CellDriver) =>
  driver.notes.flatMap((note) => (note.kind === "snapshot" ? [note.snapshot] : []));
const barrier = (driver: CellDriver, epoch: number, seq: number) =>
  driver.signal([signalKind.barrier, 0, 1, seq, epoch]);

test("a snapshot waits for the last work of its operators, which begins when they have nothing else to do", async () => {
  // given an operator that is busy when the barrier comes
  const told: string[] = [];
  let isQuiet = false;
  const logic: OperatorLogic = {
    onBatch: () => undefined,
    quiet: () => isQuiet,
    onBarrier: () => {
      told.push("barrier");
      isQuiet = false;
    },
    hasUncommitted: () => true,
    snapshot: () => [["prepared", "", true, 1]],
  };
  const driver = await CellDriver.begun({
    stages: [stage("sink", () => logic, { outputs: [] })],
    outputs: [],
    retention,
  });
  barrier(driver, 1, 0);
  driver.run();
  expect(told).toEqual([]);

  // when it is done with that, and then with what the barrier asks for
  isQuiet = true;
  driver.woken = true;
  driver.run();
  expect([told, snapshots(driver)]).toEqual([["barrier"], []]);
  isQuiet = true;
  driver.woken = true;
  driver.run();

  // then the snapshot is taken
  expect(snapshots(driver)).toMatchObject([{ epoch: 1, uncommitted: true }]);
  expect(told).toEqual(["barrier"]);
});

test("a commit that comes off at a later attempt lets the snapshot go that waits for it", async () => {
  // given a sink whose first commit fails, and whose next barrier has come
  let tries = 0;
  const spec = defineTransactionalSink<unknown, unknown[], number>({
    kind: "list",
    create: () => ({
      begin: () => [],
      write: (transaction, rows) => void transaction.push(...rows),
      prepare: (transaction) => transaction.length,
      commit: () => {
        tries += 1;
        if (tries === 1) throw new Error("not now");
      },
    }),
  });
  const create = () => spec.create("exactly-once");
  const driver = await CellDriver.begun({ stages: [stage("sink", create, { outputs: [] })], outputs: [], retention });
  driver.give([1, 2]);
  barrier(driver, 1, 1);
  driver.run();
  driver.signal([signalKind.complete, 1]);
  driver.run();
  barrier(driver, 2, 2);
  driver.run();
  expect(snapshots(driver).map(({ epoch, uncommitted }) => [epoch, uncommitted])).toEqual([[1, true]]);

  driver.clock.advance(commitBackoffMs);
  driver.run();

  expect(tries).toBe(2);
  expect(snapshots(driver).map(({ epoch, uncommitted }) => [epoch, uncommitted])).toEqual([
    [1, true],
    [2, false],
  ]);
});

test("its counters say what a sink waits for", async () => {
  const logic: OperatorLogic = { onBatch: () => undefined, waitsFor: () => "the target" };
  const driver = await CellDriver.begun({ stages: [stage("sink", () => logic, { outputs: [] })], outputs: [] });

  driver.signal([signalKind.stats]);

  expect(driver.notes).toMatchObject([{ kind: "stats", stats: { waits: { sink: "the target" } } }]);
});
