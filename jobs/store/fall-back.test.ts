/** What happens at start when the newest checkpoint is damaged. */

import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commit, delta, noCopies, standing, TestStorage, textsAt, textsOf, valueAt } from "./fixtures/test-storage.ts";

const copies = { keep: 3, intervalMs: 1_000 };
let storage: TestStorage;
let folder: string;
let file: string;

beforeEach(async () => {
  storage = new TestStorage();
  folder = join(storage.folder, "data");
  file = join(folder, "totals.sqlite");
  const opened = storage.open(folder, { copies, nowMs: 0 });
  for (const epoch of [1, 2, 3]) {
    commit(opened, epoch, standing(`behind ${epoch}`), delta(epoch, valueAt(epoch)));
    if (epoch === 2) opened.copies.committed(1_000);
    await opened.copies.settle();
  }
  storage.close(opened);
});

afterEach(() => storage.remove());

test("a damaged file is refused, with the newest good copy and the command that goes on from it", () => {
  writeFileSync(file, "noise");

  expect(() => storage.open(folder)).toThrow(
    expect.objectContaining({
      code: "ERR_JOB_STORAGE_DAMAGED",
      message: expect.stringMatching(
        /sqlite is damaged: .*epoch 2, 1 epochs before the newest, in .*epoch-2\.sqlite\. .*restore totals 2 --storage/s,
      ),
      details: expect.objectContaining({ copy: join(folder, "totals.copies", "epoch-2.sqlite"), epoch: 2 }),
    }),
  );
});

test("without a good copy it is refused either way, and never a beginning", () => {
  writeFileSync(file, "noise");
  writeFileSync(join(folder, "totals.copies", "epoch-2.sqlite"), "noise");

  for (const onDamage of ["refuse", "fall-back"] as const) {
    expect(() => storage.open(folder, { onDamage })).toThrow(
      expect.objectContaining({
        code: "ERR_JOB_STORAGE_DAMAGED",
        message: expect.stringMatching(/no good copy .* millrace checkpoints delete totals/),
      }),
    );
  }
});

test("a fall-back goes on from the copy under higher epochs, and puts what was there aside", () => {
  writeFileSync(file, "noise");

  const opened = storage.open(folder, { onDamage: "fall-back" });
  storage.close(opened);

  expect(textsOf(opened.found)).toEqual({ ...textsAt(2), epoch: 1_000_003 });
  expect(opened.found.fallBack).toMatchObject({ epoch: 2, epochBefore: 3, damage: expect.stringMatching(/damaged/) });
  expect(existsSync(`${file}.replaced`)).toBe(true);
  const again = storage.open(folder);
  expect(textsOf(again.found)).toEqual({ ...textsAt(2), epoch: 1_000_003 });
});

test("a file that is older than the note, and newer than the copies, is gone on from itself", () => {
  const opened = storage.open(folder, { copies: noCopies });
  const before = storage.copyOf(folder);
  commit(opened, 4, standing("behind 4"));
  storage.close(opened);
  rmSync(join(before, "totals.owner"));
  storage.close(storage.open(before));
  copyFileSync(join(before, "totals.sqlite"), file);

  const fallenBack = storage.open(folder, { onDamage: "fall-back" });

  expect(textsOf(fallenBack.found)).toEqual({ ...textsAt(3), epoch: 1_000_004 });
});

test("a missing file with a damaged note beside its copies is no beginning", () => {
  rmSync(file);
  rmSync(join(folder, "totals.owner"));

  expect(() => storage.open(folder)).toThrow(expect.objectContaining({ code: "ERR_JOB_STORAGE_DAMAGED" }));
});

test("a fall-back that was cut short ends the same when it is done again", () => {
  rmSync(file);
  writeFileSync(`${file}.new`, "half a copy");

  const opened = storage.open(folder, { onDamage: "fall-back" });

  expect(textsOf(opened.found)).toEqual({ ...textsAt(2), epoch: 1_000_003 });
});

test("a file of a newer format is refused, whatever is said about damage", () => {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 99");
  database.close();

  expect(() => storage.open(folder, { onDamage: "fall-back" })).toThrow(
    expect.objectContaining({ code: "ERR_JOB_STORAGE_FORMAT" }),
  );
});
