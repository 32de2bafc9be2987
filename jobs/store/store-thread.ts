/**
 * StoreThread: what the store thread does with a request: lock, verify and open the file of a job, write checkpoints to it,
 * close it. No code of users runs here.
 */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { MillraceError } from "../../runtime/index.ts";
import { createStoreFile } from "./file/create-store-file.ts";
import { readStoreFile, type StoredCheckpoint } from "./file/read-store-file.ts";
import { StoreFile } from "./file/store-file.ts";
import { checkGraph, type StoreManifest } from "./file/store-manifest.ts";
import { StorageError } from "./storage-error.ts";
import { StorageLock } from "./storage-lock.ts";
import type { StoreAnswer, StoreRequest } from "./store-protocol.ts";

export type StoreRequestHandler = (request: unknown) => StoreAnswer;

/** Called on the store thread. */
export function createStoreThread(): StoreRequestHandler {
  let opened: { readonly lock: StorageLock; readonly file: StoreFile } | undefined;

  return (message) => {
    const request = message as StoreRequest;
    if (request.kind === "open") return open(request.directory, request.manifest);
    if (opened === undefined) throw new StorageError("the storage was not opened");
    if (request.kind === "commit") {
      opened.file.commit(request.commit);
      noteEpoch(opened.lock, request.commit.epoch);
      return undefined;
    }
    opened.file.close();
    opened.lock.release();
    opened = undefined;
    return undefined;
  };

  function open(directory: string, manifest: StoreManifest): StoredCheckpoint {
    const path = join(directory, manifest.job);
    return withStorageErrors(directory, () => {
      makeDirectory(directory);
      const lock = new StorageLock(path, manifest.job, manifest.createdAtMs);
      try {
        const checkpoint = checkpointIn(`${path}.sqlite`, manifest, lock.epochBefore);
        opened = { lock, file: new StoreFile(`${path}.sqlite`) };
        lock.note(checkpoint.epoch);
        return checkpoint;
      } catch (error) {
        lock.release();
        throw error;
      }
    });
  }
}

/** Parents first. Node's own way, the option `recursive`, never returns where nothing can be made, as in /proc. */
function makeDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(directory) !== directory) makeDirectory(dirname(directory));
  mkdirSync(directory);
}

function checkpointIn(path: string, manifest: StoreManifest, epochBefore: number): StoredCheckpoint {
  if (epochBefore === 0 && !existsSync(path)) createStoreFile(path, manifest);
  const checkpoint = readStoreFile(path, manifest.job, epochBefore);
  checkGraph(path, checkpoint.manifest, manifest);
  return checkpoint;
}

/** The checkpoint is durable; that the note is not up to date makes it a weaker witness, nothing else. */
function noteEpoch(lock: StorageLock, epoch: number): void {
  try {
    lock.note(epoch);
  } catch {
    return;
  }
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
