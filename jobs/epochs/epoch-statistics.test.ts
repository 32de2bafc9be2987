import { expect, test } from "vitest";
import { EpochStatistics } from "./epoch-statistics.ts";
import { snapshotOf } from "./fixtures/snapshots.ts";

function snapshot(epoch: number, bytes: number) {
  return { ...snapshotOf(epoch), deltas: { counts: new Uint8Array(bytes) } };
}

test("tells of the last epoch, of the average and of the largest figures", () => {
  const statistics = new EpochStatistics();
  expect(statistics.report(0)).toEqual({
    completed: 0,
    givenUp: 0,
    last: undefined,
    average: undefined,
    max: undefined,
    inFlight: undefined,
  });

  statistics.started(1, 100);
  statistics.snapshotted(snapshot(1, 10), 3);
  statistics.snapshotted(snapshot(1, 20), 7);
  statistics.acknowledged(120);
  statistics.complete(150);
  statistics.started(2, 200);
  statistics.snapshotted(snapshot(2, 100), 0);
  statistics.acknowledged(290);
  statistics.complete(300);

  const first = { durationMs: 50, barrierMs: 20, alignmentMs: 7, writeMs: 30, stateBytes: 30 };
  const second = { durationMs: 100, barrierMs: 90, alignmentMs: 0, writeMs: 10, stateBytes: 100 };
  expect(statistics.report(300)).toMatchObject({
    completed: 2,
    last: { epoch: 2, ...second },
    average: { durationMs: 75, barrierMs: 55, alignmentMs: 3.5, writeMs: 20, stateBytes: 65 },
    max: { durationMs: 100, barrierMs: 90, alignmentMs: first.alignmentMs, writeMs: 30, stateBytes: 100 },
  });
});

test("tells what the epoch in flight does, and for how long", () => {
  const statistics = new EpochStatistics();
  statistics.started(5, 100);
  expect(statistics.report(130).inFlight).toEqual({ epoch: 5, forMs: 30, phase: "barrier" });

  statistics.acknowledged(140);
  expect(statistics.report(150).inFlight).toEqual({ epoch: 5, forMs: 50, phase: "write" });
});

test("what was saved for an epoch that was given up or cancelled counts with the next", () => {
  const statistics = new EpochStatistics();
  statistics.started(1, 0);
  statistics.snapshotted(snapshot(1, 10), 500);
  statistics.givenUp();
  statistics.started(2, 10);
  statistics.cancelled();
  expect(statistics.report(10).inFlight).toBeUndefined();

  statistics.started(3, 20);
  statistics.snapshotted(snapshot(3, 1), 2);
  statistics.acknowledged(30);

  expect(statistics.complete(40)).toEqual({
    epoch: 3,
    durationMs: 20,
    barrierMs: 10,
    alignmentMs: 2,
    writeMs: 10,
    stateBytes: 11,
  });
  expect(statistics.report(40)).toMatchObject({ completed: 1, givenUp: 1 });
});
