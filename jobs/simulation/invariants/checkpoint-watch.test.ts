import { describe, expect, test } from "vitest";
import { type CellSnapshot, encodeDelta, type StateEntry } from "../../../actors/index.ts";
import type { Checkpoint } from "../../store/checkpoint-store.ts";
import { CheckpointWatch } from "./checkpoint-watch.ts";

function checkpoint(epoch: number, cells: Readonly<Record<string, readonly StateEntry[]>>): Checkpoint {
  const snapshotOf = (entries: readonly StateEntry[]): CellSnapshot => ({
    epoch,
    deltas: entries.length === 0 ? {} : { count: encodeDelta("count", entries) },
    position: epoch * 10,
    endedInputs: [],
    watermarks: [],
    ended: false,
    reopenedAt: undefined,
    rows: {},
    uncommitted: false,
    deadLetters: undefined,
    resubmitted: [],
  });
  return { epoch, snapshots: new Map(Object.entries(cells).map(([cell, entries]) => [cell, [snapshotOf(entries)]])) };
}

function restore(epoch: number, positionOf: number, entries: readonly StateEntry[]) {
  const deltas = { count: [encodeDelta("count", entries)] };
  return {
    epoch,
    deltas,
    position: positionOf * 10,
    endedInputs: [],
    watermarks: [],
    ended: false,
    reopenedAt: undefined,
  };
}

/** Behind two checkpoints of cell 0/0, of which the second changed "a", and removed "b". */
function watched(): CheckpointWatch {
  const watch = new CheckpointWatch(true);
  watch.committed(
    checkpoint(1, {
      "0/0": [
        ["n", "a", true, 1],
        ["n", "b", true, 1],
      ],
    }),
  );
  watch.committed(
    checkpoint(2, {
      "0/0": [
        ["n", "a", true, 2],
        ["n", "b", false, undefined],
      ],
    }),
  );
  return watch;
}

function brokenBy(look: (watch: CheckpointWatch) => void): readonly string[] {
  const watch = watched();
  look(watch);
  return watch.violations.map(({ invariant }) => invariant);
}

describe("what a cell starts from", () => {
  test("is the last checkpoint, whole", () => {
    expect(brokenBy((watch) => watch.read("0/0", restore(2, 2, [["n", "a", true, 2]])))).toEqual([]);
  });

  test.each<[string, ReturnType<typeof restore> | undefined]>([
    ["an older state", restore(2, 2, [["n", "a", true, 1]])],
    ["a position of another epoch", restore(2, 1, [["n", "a", true, 2]])],
    ["another epoch", restore(1, 1, [["n", "a", true, 1]])],
    [
      "a key that was removed",
      restore(2, 2, [
        ["n", "a", true, 2],
        ["n", "b", true, 1],
      ]),
    ],
    ["a key less", restore(2, 2, [])],
    ["nothing", undefined],
  ])("is not %s", (_what, found) => {
    expect(brokenBy((watch) => watch.read("0/0", found))).toEqual(["I6"]);
  });
});

test("checkpoints follow each other, each of all cells, all of one epoch", () => {
  const partOfThree = checkpoint(3, { "0/0": [] }).snapshots;

  expect(brokenBy((watch) => watch.committed(checkpoint(3, { "0/0": [] })))).toEqual([]);
  expect(brokenBy((watch) => watch.committed(checkpoint(2, { "0/0": [] })))).toEqual(["P7"]);
  expect(brokenBy((watch) => watch.committed(checkpoint(3, {})))).toEqual(["I4"]);
  expect(brokenBy((watch) => watch.committed({ epoch: 4, snapshots: partOfThree }))).toEqual(["I4"]);
});

test("nobody is told of a checkpoint that is not durable, and nothing is shown that is in none", () => {
  expect(brokenBy((watch) => watch.told("count", 2))).toEqual([]);
  expect(brokenBy((watch) => watch.told("count", 3))).toEqual(["P5"]);
  expect(brokenBy((watch) => watch.shown("all", 0))).toEqual([]);
  expect(brokenBy((watch) => watch.shown("all", 1))).toEqual(["I4"]);
});

test("what outboxes keep is bounded by sources that pause", () => {
  expect(brokenBy((watch) => watch.kept(99, 100, 0))).toEqual([]);
  expect(brokenBy((watch) => watch.kept(100, 100, 1))).toEqual([]);
  expect(brokenBy((watch) => watch.kept(100, 100, 0))).toEqual(["I7"]);
});
