/** ReplaceCheckpoint: what an operator of a job does to its storage while no run uses it: go back to a copy, or delete it. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { databaseEndings } from "./file/copy-store-file.ts";
import { fallBackOn, goodAt } from "./file/fall-back.ts";
import { readStoreFile, type StoredCheckpoint } from "./file/read-store-file.ts";
import { StoreCopies } from "./file/store-copies.ts";
import { StorageError } from "./storage-error.ts";
import { StorageLock } from "./storage-lock.ts";

/**
 * The checkpoint of a copy takes the place of the last one; that is put aside.
 *
 * @throws ERR_JOB_STORAGE when there is no copy of that epoch, ERR_JOB_STORAGE_LOCKED, ERR_JOB_STORAGE_DAMAGED of the copy
 */
export function restoreCopy(directory: string, job: string, epoch: number, nowMs: number): StoredCheckpoint {
  const stem = join(directory, job);
  const path = `${stem}.sqlite`;
  const copies = new StoreCopies(stem).list();
  const copy = copies.find((each) => each.epoch === epoch);
  const lock = new StorageLock(stem, job, nowMs);
  try {
    // A file that is damaged only by its note, or older than that, is gone on from itself.
    const good =
      copy === undefined ? goodAt(path, job) : { path: copy.path, checkpoint: readStoreFile(copy.path, job, 0) };
    if (good?.checkpoint.epoch !== epoch) throw noCopy(job, epoch, copies);
    const epochBefore = Math.max(lock.epochBefore, goodAt(path, job)?.checkpoint.epoch ?? 0, copies[0]?.epoch ?? 0);
    fallBackOn(good, path, epochBefore);
    const restored = readStoreFile(path, job, 0);
    lock.note(restored.epoch);
    return restored;
  } finally {
    lock.release();
  }
}

/** What is stored of a job: what `deleteStorage` removes. */
export function filesOf(directory: string, job: string): readonly string[] {
  const files = [`${job}.sqlite`, `${job}.sqlite.replaced`, `${job}.sqlite.new`];
  return [
    `${job}.copies`,
    ...files.flatMap((file) => databaseEndings.map((ending) => `${file}${ending}`)),
    `${job}.owner`,
  ]
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path));
}

/** Removes all that is stored of a job. Throws ERR_JOB_STORAGE_LOCKED. */
export function deleteStorage(directory: string, job: string, nowMs: number): void {
  const lock = new StorageLock(join(directory, job), job, nowMs);
  try {
    // The copies first, the note last: cut short, it leaves what is whole or what is refused, never what looks new.
    for (const path of filesOf(directory, job)) rmSync(path, { recursive: true, force: true });
  } finally {
    lock.release();
  }
  rmSync(join(directory, `${job}.lock`), { force: true });
}

function noCopy(job: string, epoch: number, copies: readonly { readonly epoch: number }[]): StorageError {
  const epochs = copies.map((copy) => copy.epoch);
  return new StorageError(
    `there is no copy of the checkpoint of epoch ${epoch} of job ${JSON.stringify(job)}; ` +
      (epochs.length === 0 ? "there is none" : `there are those of ${epochs.join(", ")}`),
    { details: { job, epoch, epochs } },
  );
}
