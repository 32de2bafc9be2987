/**
 * StoreThread: what the store thread does with a request: open the storage of a job, write checkpoints to its file, copy it
 * as a savepoint, close it. No code of users runs here.
 */

import { Aside, faultPoint } from "../../runtime/index.ts";
import { isSameJob } from "./file/store-manifest.ts";
import { type OpenedStorage, openStorage } from "./open-storage.ts";
import { StorageError } from "./storage-error.ts";
import type { StorageLock } from "./storage-lock.ts";
import type { StoreAnswer, StoreAnswers, StoreRequest } from "./store-protocol.ts";

export type StoreRequestHandler = (request: unknown) => StoreAnswer | Promise<StoreAnswer> | Aside;

/** Called on the store thread. */
export function createStoreThread(): StoreRequestHandler {
  let opened: OpenedStorage | undefined;

  return (message) => {
    const request = message as StoreRequest;
    if (request.kind === "open") {
      opened = openStorage(request);
      const { epoch, manifest, contents, wishes, fallBack, savepoint } = opened.found;
      const { standings, letters } = contents;
      const isSame = savepoint?.isBehind !== false && isSameJob(manifest, request.manifest);
      const state = isSame ? undefined : contents.state;
      return { epoch, manifest, standings, state, letters, wishes, fallBack, savepoint };
    }
    if (opened === undefined && request.kind === "close") return undefined;
    if (opened === undefined) throw new StorageError("the storage was not opened");
    if (request.kind === "commit") {
      const wishes = opened.file.commit(request.commit);
      noteEpoch(opened.lock, request.commit.epoch);
      faultPoint("store.epoch.noted");
      const copyFailure = opened.copies.committed(request.commit.atMs);
      return { wishes, copyFailure, savepointsWanted: opened.requests.list() };
    }
    // What it copies is fixed at once, so that checkpoints go on meanwhile.
    if (request.kind === "savepoint") return new Aside(takeSavepoint(opened, request.name));
    const closing = opened;
    opened = undefined;
    return close(closing);
  };
}

async function takeSavepoint({ savepoints }: OpenedStorage, name: string): Promise<StoreAnswers["savepoint"]> {
  return { path: await savepoints.take(name) };
}

async function close({ file, lock, copies, savepoints }: OpenedStorage): Promise<undefined> {
  await Promise.all([copies.settle(), savepoints.settle()]);
  try {
    file.close();
  } finally {
    lock.release();
  }
}

/** The checkpoint is durable; that the note is not up to date makes it a weaker witness, nothing else. */
function noteEpoch(lock: StorageLock, epoch: number): void {
  try {
    lock.note(epoch);
  } catch {
    return;
  }
}
