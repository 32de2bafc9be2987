import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CellSnapshot, mergedEntries, type StateEntry } from "../../actors/index.ts";
import { snapshotOf } from "../epochs/fixtures/snapshots.ts";
import { deltasPerTier } from "../limits.ts";
import { CheckpointLog } from "./checkpoint-log.ts";
import type { EpochSnapshots } from "./checkpoint-store.ts";

const only = (cell: string, ...parts: CellSnapshot[]) => new Map([[cell, parts]]);

function commit(log: CheckpointLog, epoch: number, snapshots: EpochSnapshots): void {
  log.commit({ epoch, snapshots });
}

function stateOf(log: CheckpointLog, cell: string): Map<unknown, unknown> {
  const entries = mergedEntries(log.restoreOf(cell)?.deltas.op ?? []);
  return new Map(entries.filter(([, , present]) => present).map(([, key, , value]) => [key, value]));
}

describe("a checkpoint log", () => {
  test("knows nothing before the first checkpoint", () => {
    const log = new CheckpointLog();

    expect([log.epoch, log.restoreOf("a")]).toEqual([0, undefined]);
  });

  test("takes epochs in increasing order only", () => {
    const log = new CheckpointLog();
    commit(log, 2, only("a", snapshotOf(2)));

    expect(() => commit(log, 2, only("a", snapshotOf(2)))).toThrow(
      expect.objectContaining({ code: "ERR_RT_INVARIANT" }),
    );
  });

  test("restores position and ended inputs of the newest part, and the state of all", () => {
    const log = new CheckpointLog();

    commit(
      log,
      3,
      only("a", snapshotOf(2, 10, [["s", "k", true, 1]]), { ...snapshotOf(3, 20), endedInputs: [4], ended: true }),
    );

    expect(log.restoreOf("a")).toMatchObject({ epoch: 3, position: 20, endedInputs: [4], ended: true });
    expect(stateOf(log, "a")).toEqual(new Map([["k", 1]]));
  });

  test("a restore does not change with the checkpoints after it", () => {
    const log = new CheckpointLog();
    commit(log, 1, only("a", snapshotOf(1, 1, [["s", "k", true, 1]])));
    const restore = log.restoreOf("a");

    commit(log, 2, only("a", snapshotOf(2, 2, [["s", "k", true, 2]])));

    expect(mergedEntries(restore?.deltas.op ?? [])).toEqual([["s", "k", true, 1]]);
  });

  test("what was removed stays removed, also behind the merging of many deltas", () => {
    const log = new CheckpointLog();
    commit(
      log,
      1,
      only(
        "a",
        snapshotOf(1, 1, [
          ["s", "gone", true, 1],
          ["s", "kept", true, 1],
        ]),
      ),
    );
    commit(log, 2, only("a", snapshotOf(2, 2, [["s", "gone", false, undefined]])));
    for (let epoch = 3; epoch <= deltasPerTier ** 2 + 3; epoch += 1) {
      commit(log, epoch, only("a", snapshotOf(epoch, epoch, [["s", "kept", true, epoch]])));
    }

    expect(stateOf(log, "a")).toEqual(new Map([["kept", deltasPerTier ** 2 + 3]]));
    expect(log.restoreOf("a")?.deltas.op?.length).toBeLessThanOrEqual(deltasPerTier ** 2);
  });

  test("what was removed stays removed when the deltas behind one too large to be merged with them are merged", () => {
    // given a large delta, and one that removes a key of it
    const log = new CheckpointLog();
    const large = "x".repeat(100_000);
    const entries: StateEntry[] = ["gone", "kept"].map((key) => ["s", key, true, large]);
    commit(log, 1, only("a", snapshotOf(1, 1, entries)));
    commit(log, 2, only("a", snapshotOf(2, 2, [["s", "gone", false, undefined]])));

    // when that is merged with those that follow
    for (let epoch = 3; epoch <= deltasPerTier + 1; epoch += 1) {
      commit(log, epoch, only("a", snapshotOf(epoch, epoch, [["s", `new${epoch}`, true, epoch]])));
    }

    // then
    expect(log.restoreOf("a")?.deltas.op).toHaveLength(2);
    expect([...stateOf(log, "a").keys()]).toEqual([
      "kept",
      ...Array.from({ length: deltasPerTier - 1 }, (_, index) => `new${index + 3}`),
    ]);
  });

  test("holds the state of a map that was written in deltas, whatever was written and removed", () => {
    const change = fc.tuple(fc.constantFrom("x", "y", 1, "1"), fc.option(fc.integer(), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 2 * deltasPerTier ** 2 }), (epochs) => {
        const log = new CheckpointLog();
        const model = new Map<unknown, unknown>();
        epochs.forEach((changes, index) => {
          for (const [key, value] of changes) {
            if (value === undefined) model.delete(key);
            else model.set(key, value);
          }
          const keys = new Set(changes.map(([key]) => key));
          const entries = [...keys].map((key): StateEntry => ["s", key, model.has(key), model.get(key)]);
          commit(log, index + 1, only("a", snapshotOf(index + 1, index, entries)));
        });

        expect(stateOf(log, "a")).toEqual(model);
      }),
      { numRuns: 50 },
    );
  });
});
