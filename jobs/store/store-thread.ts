/**
 * StoreThread: what the store thread does with a request: open the storage of a job, write checkpoints to its file, close
 * it. No code of users runs here.
 */

import { faultPoint } from "../../runtime/index.ts";
import { type OpenedStorage, openStorage } from "./open-storage.ts";
import { StorageError } from "./storage-error.ts";
import type { StorageLock } from "./storage-lock.ts";
import type { StoreAnswer, StoreRequest } from "./store-protocol.ts";

export type StoreRequestHandler = (request: unknown) => StoreAnswer | Promise<StoreAnswer>;

/** Called on the store thread. */
export function createStoreThread(): StoreRequestHandler {
  let opened: OpenedStorage | undefined;

  return (message) => {
    const request = message as StoreRequest;
    if (request.kind === "open") {
      opened = openStorage(request);
      const { epoch, contents, wishes, fallBack } = opened.found;
      return { epoch, standings: contents.standings, letters: contents.letters, wishes, fallBack };
    }
    if (opened === undefined && request.kind === "close") return undefined;
    if (opened === undefined) throw new StorageError("the storage was not opened");
    if (request.kind === "commit") {
      const wishes = opened.file.commit(request.commit);
      noteEpoch(opened.lock, request.commit.epoch);
      faultPoint("store.epoch.noted");
      return { wishes, copyFailure: opened.copies.committed(request.commit.atMs) };
    }
    const closing = opened;
    opened = undefined;
    return close(closing);
  };
}

async function close({ file, lock, copies }: OpenedStorage): Promise<undefined> {
  await copies.settle();
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
