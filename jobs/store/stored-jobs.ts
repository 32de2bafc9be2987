/** StoredJobs: what lies in a directory of storages, read without changing it, also while jobs run. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { StoreCopies, type StoreCopy } from "./file/store-copies.ts";
import { type StoreSavepoint, StoreSavepoints } from "./file/store-savepoints.ts";
import { StorageError } from "./storage-error.ts";
import { ownerOf, type StorageOwner } from "./storage-lock.ts";

export interface StoredJob {
  readonly job: string;
  /** Of the file of its checkpoints. */
  readonly path: string;
  /** Of that file, and of what SQLite keeps beside it. */
  readonly bytes: number;
  /** Newest first. */
  readonly copies: readonly StoreCopy[];
  /** By name. */
  readonly savepoints: readonly StoreSavepoint[];
  /** Undefined when no run uses it. */
  readonly owner: StorageOwner | undefined;
}

const ending = ".sqlite";

/** By name. Throws ERR_JOB_STORAGE when there is no such directory. */
export function storedJobs(directory: string): readonly StoredJob[] {
  return namesIn(directory)
    .filter((name) => name.endsWith(ending))
    .map((name) => storedJob(directory, name.slice(0, -ending.length)))
    .toSorted((left, right) => (left.job < right.job ? -1 : 1));
}

/** Throws ERR_JOB_STORAGE when there is none of that name, naming those that are. */
export function findStoredJob(directory: string, job: string): StoredJob {
  const names = namesIn(directory);
  const found = [`${job}${ending}`, `${job}.owner`, `${job}.copies`, `${job}.savepoints`].some((name) =>
    names.includes(name),
  );
  if (found) return storedJob(directory, job);
  const others = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  throw new StorageError(
    `${directory} holds no checkpoints of a job ${JSON.stringify(job)}; it holds those of ` +
      (others.length === 0 ? "none" : others.join(", ")),
    { details: { directory, job } },
  );
}

function storedJob(directory: string, job: string): StoredJob {
  const path = join(directory, `${job}${ending}`);
  const bytes = [path, `${path}-wal`].reduce((sum, each) => sum + (existsSync(each) ? statSync(each).size : 0), 0);
  const stem = join(directory, job);
  return {
    job,
    path,
    bytes,
    copies: new StoreCopies(stem).list(),
    savepoints: new StoreSavepoints(stem).list(),
    owner: ownerOf(stem),
  };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new StorageError(`storage ${directory} cannot be read: ${(error as Error).message}`, {
      cause: error,
      details: { directory },
    });
  }
}
