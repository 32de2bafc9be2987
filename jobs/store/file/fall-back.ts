/**
 * FallBack: goes on from an older checkpoint when the newest is damaged: the newest that can be read, in the file itself or
 * in a copy, takes the place of the file. What was there is put aside, not deleted.
 *
 * Invariant
 *  K1  no epoch is used twice: what comes after a fall-back has higher numbers than what was lost with the damage, so that
 *      whoever remembers an epoch outside the file never takes new results for old ones.
 */

import { copyFileSync, existsSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { readCheckpointRow, writeCheckpointRow } from "./checkpoint-row.ts";
import { databaseEndings, removeDatabase } from "./copy-store-file.ts";
import { readStoreFile, type StoredCheckpoint } from "./read-store-file.ts";
import type { StoreCopies } from "./store-copies.ts";
import { busyMs } from "./store-file.ts";

/** A checkpoint to fall back on, all of it verified. */
export interface GoodCheckpoint {
  readonly path: string;
  readonly checkpoint: StoredCheckpoint;
}

/**
 * The newest checkpoint of a job that can be read; undefined when there is none.
 *
 * @param path of the file of the job
 */
export function newestGood(path: string, job: string, copies: StoreCopies): GoodCheckpoint | undefined {
  const inFile = goodAt(path, job);
  const inCopy = copies
    .list()
    .values()
    .map((copy) => goodAt(copy.path, job))
    .find((copy) => copy !== undefined);
  const [newest] = [inFile, inCopy]
    .filter((each) => each !== undefined && each.checkpoint.epoch > 0)
    .sort((left, right) => (right?.checkpoint.epoch ?? 0) - (left?.checkpoint.epoch ?? 0));
  return newest;
}

/**
 * Puts a checkpoint in the place of the file of a job; whoever calls holds its lock. Done again after it was cut short, it
 * ends the same.
 *
 * @param epochBefore the newest checkpoint that is known to have been complete; 0 when nothing is known
 */
export function fallBackOn(good: GoodCheckpoint, path: string, epochBefore: number): void {
  const draft = `${path}.new`;
  removeDatabase(draft);
  if (good.path === path) return renumber(path, path, epochBefore);
  copyFileSync(good.path, draft);
  renumber(draft, path, epochBefore);
  for (const ending of databaseEndings) {
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${path}.replaced${ending}`);
  }
  renameSync(draft, path);
}

/** K1. Far more than epochs can have been complete without being known of. */
export const epochsSkipped = 1_000_000;

/** The checkpoint of a file; undefined when it is damaged, or of another job or format. */
export function goodAt(path: string, job: string): GoodCheckpoint | undefined {
  try {
    return { path, checkpoint: readStoreFile(path, job, 0) };
  } catch {
    return undefined;
  }
}

function renumber(file: string, path: string, epochBefore: number): void {
  const database = new DatabaseSync(file, { timeout: busyMs });
  try {
    database.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    const row = readCheckpointRow(database, path);
    writeCheckpointRow(database, { ...row, epoch: Math.max(row.epoch, epochBefore) + epochsSkipped });
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}
