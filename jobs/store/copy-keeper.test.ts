import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readStoreFile } from "./file/read-store-file.ts";
import { StoreCopies } from "./file/store-copies.ts";
import { commit, delta, standing, TestStorage, textsAt, textsOf, valueAt } from "./fixtures/test-storage.ts";
import type { OpenedStorage } from "./open-storage.ts";

const copies = { keep: 2, intervalMs: 1_000 };
let storage: TestStorage;
let folder: string;

beforeEach(() => {
  storage = new TestStorage();
  folder = join(storage.folder, "data");
});

afterEach(() => storage.remove());

const epochsOfCopies = () => new StoreCopies(join(folder, "totals")).list().map(({ epoch }) => epoch);

/** A checkpoint at a time, and the copy that it may have brought about. */
async function commitAt(opened: OpenedStorage, epoch: number, nowMs: number): Promise<string | undefined> {
  commit(opened, epoch, standing(`behind ${epoch}`), delta(epoch, valueAt(epoch)));
  const failure = opened.copies.committed(nowMs);
  await opened.copies.settle();
  return failure;
}

test("a copy is made at each interval, named by its epoch, and the newest are kept", async () => {
  const opened = storage.open(folder, { copies, nowMs: 0 });

  await commitAt(opened, 1, 999);
  expect(epochsOfCopies()).toEqual([]);
  await commitAt(opened, 2, 1_000);
  await commitAt(opened, 3, 1_999);
  expect(epochsOfCopies()).toEqual([2]);
  await commitAt(opened, 4, 2_000);
  await commitAt(opened, 5, 3_500);

  expect(epochsOfCopies()).toEqual([5, 4]);
});

test("a clock that was set back puts no copy off", async () => {
  const opened = storage.open(folder, { copies, nowMs: 1e9 });

  await commitAt(opened, 1, 10);

  expect(epochsOfCopies()).toEqual([1]);
});

test("what was verified when the storage was opened is copied, once", async () => {
  storage.close(storage.filled(folder));

  const opened = storage.open(folder, { copies });
  await opened.copies.settle();
  storage.close(opened);
  const again = storage.open(folder, { copies });
  await again.copies.settle();

  expect(epochsOfCopies()).toEqual([3]);
  expect(readdirSync(join(folder, "totals.copies"))).toEqual(["epoch-3.sqlite"]);
  const [copy] = new StoreCopies(join(folder, "totals")).list();
  expect(textsOf(readStoreFile(copy?.path ?? "", "totals", 0))).toEqual(textsAt(3));
});

test("a copy holds the checkpoint of its name, whatever is written while it is made", async () => {
  const opened = storage.open(folder, { copies, nowMs: 0 });
  for (let epoch = 1; epoch <= 40; epoch += 1) {
    commit(opened, epoch, standing(`behind ${epoch}`), delta(epoch, `state ${epoch} `.repeat(100)));
    opened.copies.committed(epoch === 20 ? 1_000 : 0.5);
  }
  await opened.copies.settle();

  const [copy] = new StoreCopies(join(folder, "totals")).list();
  const { epoch, state } = textsOf(readStoreFile(copy?.path ?? "", "totals", 0));

  expect([copy?.epoch, epoch, state.length]).toEqual([20, 20, 20]);
});

test("a copy that fails is told with the next checkpoint, and tried again", async () => {
  const opened = storage.open(folder, { copies, nowMs: 0 });
  writeFileSync(join(folder, "totals.copies"), "in the way");

  expect(await commitAt(opened, 1, 1_000)).toBeUndefined();
  expect(await commitAt(opened, 2, 1_001)).toMatch(/EEXIST/);
  rmSync(join(folder, "totals.copies"));
  await commitAt(opened, 3, 1_002);

  expect(epochsOfCopies()).toEqual([3]);
});

test("files of others in the folder of copies are left alone", async () => {
  mkdirSync(join(folder, "totals.copies"), { recursive: true });
  writeFileSync(join(folder, "totals.copies", "notes.txt"), "");
  const opened = storage.open(folder, { copies: { ...copies, keep: 1 }, nowMs: 0 });

  for (const epoch of [1, 2]) await commitAt(opened, epoch, epoch * 1_000);

  expect(readdirSync(join(folder, "totals.copies")).sort()).toEqual(["epoch-2.sqlite", "notes.txt"]);
});
