/**
 * OpenStorage: locks the storage of a job, verifies its file or creates it, and opens it for writing. What is damaged is
 * refused, with what can be done about it, or survived by falling back on an older checkpoint; it is never taken for a beginning.
 */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { MillraceError } from "../../runtime/index.ts";
import type { TableDefinition } from "../tables/table-row.ts";
import { CopyKeeper, type CopySettings } from "./copy-keeper.ts";
import { adviceOn } from "./damage-advice.ts";
import { createStoreFile } from "./file/create-store-file.ts";
import { fallBackOn, newestGood } from "./file/fall-back.ts";
import { readStoreFile, type StoredCheckpoint } from "./file/read-store-file.ts";
import { SavepointRequests } from "./file/savepoint-requests.ts";
import { StoreCopies } from "./file/store-copies.ts";
import { StoreFile } from "./file/store-file.ts";
import type { StoreManifest } from "./file/store-manifest.ts";
import { StoreSavepoints } from "./file/store-savepoints.ts";
import { beginFrom, type FoundSavepoint, type SavepointPlace } from "./savepoint-start.ts";
import { StorageDamagedError, StorageError } from "./storage-error.ts";
import { StorageLock } from "./storage-lock.ts";
import type { OnDamage } from "./storage-options.ts";

export interface OpenRequest {
  readonly directory: string;
  readonly manifest: StoreManifest;
  readonly copies: CopySettings;
  readonly onDamage: OnDamage;
  /** Of the author, created when they are not there. */
  readonly tables: readonly TableDefinition[];
  /** The savepoint to begin from; undefined for the last checkpoint. */
  readonly from: SavepointPlace | undefined;
  /** Whether it ends with the run, so that nothing has to reach the disk. */
  readonly isTemporary: boolean;
}

export interface OpenedStorage {
  readonly lock: StorageLock;
  readonly file: StoreFile;
  readonly copies: CopyKeeper;
  readonly savepoints: StoreSavepoints;
  readonly requests: SavepointRequests;
  readonly found: FoundCheckpoint;
}

export interface FoundCheckpoint extends StoredCheckpoint {
  readonly fallBack: FallBack | undefined;
  /** The savepoint that was asked for. */
  readonly savepoint: FoundSavepoint | undefined;
}

/** The storage was damaged, and an older checkpoint took the place of the newest. */
export interface FallBack {
  /** What was damaged. */
  readonly damage: string;
  /** The file whose checkpoint it is now. */
  readonly from: string;
  /** The epoch of that checkpoint when it was taken. */
  readonly epoch: number;
  /** The newest checkpoint that was complete, as far as is known; 0 when nothing is. */
  readonly epochBefore: number;
}

/**
 * @throws ERR_JOB_STORAGE, ERR_JOB_STORAGE_LOCKED, ERR_JOB_STORAGE_DAMAGED, ERR_JOB_STORAGE_FOREIGN,
 *   ERR_JOB_STORAGE_FORMAT, ERR_JOB_STORAGE_TABLE, ERR_JOB_SAVEPOINT_UNKNOWN
 */
export function openStorage(request: OpenRequest): OpenedStorage {
  const { directory, manifest, copies: settings, onDamage, tables, from, isTemporary } = request;
  return withStorageErrors(directory, () => {
    makeDirectory(directory);
    const { job, createdAtMs: nowMs } = manifest;
    const path = join(directory, job);
    const lock = new StorageLock(path, job, nowMs);
    try {
      const savepoints = new StoreSavepoints(path);
      const last = checkpointIn(directory, manifest, lock, onDamage, isTemporary);
      const found = from === undefined ? { ...last, savepoint: undefined } : beginFrom(from, last, savepoints, job);
      const file = openFile(`${path}.sqlite`, tables, isTemporary);
      lock.note(last.epoch);
      return {
        lock,
        file,
        copies: new CopyKeeper(path, settings, last.epoch, nowMs),
        savepoints,
        requests: new SavepointRequests(path),
        found,
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  });
}

function openFile(path: string, tables: readonly TableDefinition[], isTemporary: boolean): StoreFile {
  const file = new StoreFile(path, isTemporary);
  try {
    file.createTables(tables);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Parents first. Node's own way, the option `recursive`, never returns where nothing can be made, as in /proc. */
function makeDirectory(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) throw new Error(`${directory} is no directory`);
  if (dirname(directory) !== directory) makeDirectory(dirname(directory));
  mkdirSync(directory);
}

function checkpointIn(
  directory: string,
  manifest: StoreManifest,
  lock: StorageLock,
  onDamage: OnDamage,
  isTemporary: boolean,
): Omit<FoundCheckpoint, "savepoint"> {
  const { job } = manifest;
  const path = join(directory, `${job}.sqlite`);
  const copies = new StoreCopies(join(directory, job));
  let fallBack: FallBack | undefined;
  let found: StoredCheckpoint;
  try {
    if (lock.noteDamage !== undefined) throw lock.noteDamage;
    const epochBefore = Math.max(lock.epochBefore, copies.list()[0]?.epoch ?? 0);
    if (epochBefore === 0 && !existsSync(path)) createStoreFile(path, manifest, isTemporary);
    found = readStoreFile(path, job, epochBefore);
  } catch (error) {
    if (!(error instanceof StorageDamagedError)) throw error;
    const good = newestGood(path, job, copies);
    const { epochBefore } = lock;
    if (onDamage === "refuse" || good === undefined) throw adviceOn(error, directory, job, epochBefore, good);
    fallBackOn(good, path, epochBefore);
    fallBack = { damage: error.message, from: good.path, epoch: good.checkpoint.epoch, epochBefore };
    found = readStoreFile(path, job, epochBefore);
  }
  return { ...found, fallBack };
}

function withStorageErrors<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const { message } = error as Error;
    throw new StorageError(`storage ${directory} cannot be used: ${message}`, { cause: error, details: { directory } });
  }
}
