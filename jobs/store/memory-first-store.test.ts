import { expect, test } from "vitest";
import { mergedEntries } from "../../actors/index.ts";
import { snapshotOf } from "../epochs/fixtures/snapshots.ts";
import { LetterBox } from "../letters/letter-box.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { MemoryFirstStore } from "./memory-first-store.ts";
import type { MovingCheckpoint } from "./memory-store.ts";
import { MemoryStore } from "./memory-store.ts";
import { StorageError } from "./storage-error.ts";

const bytesMax = 1_000;
const quiet = { log: () => undefined };
const checkpoint = (epoch: number, key: number, bytes = 300): Checkpoint => ({
  epoch,
  snapshots: new Map([["cell", [snapshotOf(epoch, epoch, [["state", key, true, "x".repeat(bytes)]])]]]),
});
const keysIn = (store: CheckpointStore) =>
  mergedEntries(store.restoreOf("cell")?.deltas.op ?? []).map(([, key]) => key);

/** A file, as far as the store can tell: the first commit holds what was moved too. */
class TemporaryFile extends MemoryStore {
  override readonly place: string = "file";
  #last!: MovingCheckpoint;
  failures = 0;
  isClosed = false;

  takeOn(last: MovingCheckpoint): void {
    this.#last = last;
  }

  override async commit({ epoch, snapshots }: Checkpoint): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new StorageError("no space left");
    }
    const moved = this.epoch > 0 ? [] : [...this.#last.cells].map(([cell, { deltas }]) => [cell, deltas] as const);
    const before = moved.flatMap(([cell, deltas]) =>
      [...deltas].flatMap(([name, parts]) =>
        parts.map((bytes) => [cell, { ...snapshotOf(epoch), deltas: { [name]: bytes } }] as const),
      ),
    );
    const whole = new Map(
      [...snapshots].map(([cell, parts]) => [
        cell,
        [...before.flatMap(([of, part]) => (of === cell ? [part] : [])), ...parts],
      ]),
    );
    await super.commit({ epoch, snapshots: whole });
  }

  override async close(): Promise<void> {
    this.isClosed = true;
  }
}

test("a small state stays in memory, and nothing is opened", async () => {
  const store = new MemoryFirstStore(
    new LetterBox(1),
    quiet,
    () => Promise.reject(new Error("not asked for")),
    bytesMax,
  );

  for (let epoch = 1; epoch <= 50; epoch += 1) await store.commit(checkpoint(epoch, 1, 20));

  expect([store.place, store.epoch, keysIn(store)]).toEqual(["memory", 50, [1]]);
});

test("the checkpoint behind the one that was too much holds everything, in a file", async () => {
  const opened: TemporaryFile[] = [];
  const open = async () => {
    opened.push(new TemporaryFile());
    return opened[0] as TemporaryFile;
  };
  const store = new MemoryFirstStore(new LetterBox(1), quiet, open, bytesMax);

  const places: string[] = [];
  const openedCounts: number[] = [];
  for (let epoch = 1; epoch <= 6; epoch += 1) {
    await store.commit(checkpoint(epoch, epoch));
    places.push(store.place);
    openedCounts.push(opened.length);
  }
  await store.close();

  expect(places).toEqual(["memory", "memory", "memory", "memory", "file", "file"]);
  // Ahead of the first checkpoint in it.
  expect(openedCounts).toEqual([0, 0, 0, 1, 1, 1]);
  expect([store.epoch, keysIn(store)]).toEqual([6, [1, 2, 3, 4, 5, 6]]);
  expect(opened).toMatchObject([{ isClosed: true }]);
});

test("a checkpoint that the file cannot take is not complete, and the same file takes it later", async () => {
  let file: TemporaryFile | undefined;
  let openCount = 0;
  const open = async () => {
    openCount += 1;
    if (openCount <= 2) throw new StorageError("no temporary file");
    file = new TemporaryFile();
    file.failures = 1;
    return file;
  };
  const store = new MemoryFirstStore(new LetterBox(1), quiet, open, bytesMax);
  for (let epoch = 1; epoch <= 4; epoch += 1) await store.commit(checkpoint(epoch, epoch));

  await expect(store.commit(checkpoint(5, 5))).rejects.toMatchObject({ code: "ERR_JOB_STORAGE" });
  await expect(store.commit(checkpoint(5, 5))).rejects.toMatchObject({ code: "ERR_JOB_STORAGE" });
  expect([store.place, store.epoch, keysIn(store)]).toEqual(["memory", 4, [1, 2, 3, 4]]);
  await store.commit(checkpoint(5, 5));

  expect([store.place, store.epoch, keysIn(store), openCount]).toEqual(["file", 5, [1, 2, 3, 4, 5], 3]);
});

test("a file that was opened and is not needed is closed with the run", async () => {
  const opening = Promise.withResolvers<TemporaryFile>();
  const store = new MemoryFirstStore(new LetterBox(1), quiet, () => opening.promise, bytesMax);
  for (let epoch = 1; epoch <= 4; epoch += 1) await store.commit(checkpoint(epoch, epoch));

  const closing = store.close();
  const file = new TemporaryFile();
  opening.resolve(file);
  await closing;

  expect([store.place, file.isClosed]).toEqual(["memory", true]);
});
