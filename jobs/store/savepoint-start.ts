/**
 * SavepointStart: a job that begins from a savepoint instead of its last checkpoint. Beginning is done once: when the last
 * checkpoint goes back to that savepoint already, the job goes on from the checkpoint, so that whoever starts it again and
 * again in the same way, such as a supervisor of processes, loses nothing.
 *
 * What the file holds stays as it is until the first checkpoint of the new beginning takes its place.
 */

import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { epochsSkipped } from "./file/fall-back.ts";
import { readStoreFile, type StoredCheckpoint } from "./file/read-store-file.ts";
import { type StoreSavepoints, savepointMark } from "./file/store-savepoints.ts";
import { SavepointUnknownError } from "./savepoint-error.ts";

/** By name, among those of the job, or anywhere. */
export type SavepointPlace = { readonly name: string } | { readonly path: string };

export interface FoundSavepoint {
  readonly path: string;
  readonly mark: string;
  /** Whether the last checkpoint goes back to it, and is what was found. */
  readonly isBehind: boolean;
}

/**
 * What the job begins from, under an epoch that was not used since (K1 of fall-back.ts).
 *
 * @throws ERR_JOB_SAVEPOINT_UNKNOWN, ERR_JOB_STORAGE_DAMAGED, ERR_JOB_STORAGE_FOREIGN, ERR_JOB_STORAGE_FORMAT
 */
export function beginFrom<Last extends StoredCheckpoint>(
  from: SavepointPlace,
  last: Last,
  savepoints: StoreSavepoints,
  job: string,
): Last & { readonly savepoint: FoundSavepoint } {
  const path = "path" in from ? existing(from.path) : savepoints.find(from.name);
  const savepoint = readStoreFile(path, job, 0);
  const mark = savepointMark(savepoint);
  if (last.epoch > 0 && last.manifest.begunFrom === mark) return { ...last, savepoint: { path, mark, isBehind: true } };
  const epoch = last.epoch >= savepoint.epoch ? last.epoch : savepoint.epoch + epochsSkipped;
  return { ...last, ...savepoint, epoch, savepoint: { path, mark, isBehind: false } };
}

function existing(path: string): string {
  if (existsSync(path)) return path;
  throw new SavepointUnknownError(basename(path), dirname(path), []);
}
