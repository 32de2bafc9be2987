/**
 * TemporaryStorage: folders for checkpoints that are to end with their run. One that was left behind by a process that was killed is
 * removed by the next one that makes such a folder: its lock has ended with its process.
 */

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageError } from "./storage-error.ts";
import { ownerOf } from "./storage-lock.ts";

/**
 * Makes an empty folder.
 *
 * @param folder for temporary files; TMPDIR names that of the machine
 * @throws ERR_JOB_STORAGE
 */
export function makeTemporaryStorage(nowMs: number, folder = tmpdir()): string {
  try {
    for (const name of readdirSync(folder)) if (name.startsWith(prefix)) removeLeftover(join(folder, name), nowMs);
    return mkdtempSync(join(folder, prefix));
  } catch (error) {
    throw new StorageError(
      `the state of the job has outgrown memory, and no temporary file for it can be made in ${folder}: ` +
        `${(error as Error).message}. Give the run a storage, or name another folder by TMPDIR`,
      { cause: error, details: { folder } },
    );
  }
}

const prefix = "millrace-checkpoints-";
/** A younger folder, in ms, may be one whose lock is not there yet. */
const leftoverAgeMsMin = 60_000;

/** Unless somebody uses it; what belongs to somebody else stays. */
function removeLeftover(path: string, nowMs: number): void {
  try {
    if (nowMs - statSync(path).mtimeMs < leftoverAgeMsMin) return;
    const locks = readdirSync(path).filter((name) => name.endsWith(".lock"));
    if (locks.some((name) => ownerOf(join(path, name.slice(0, -".lock".length))) !== undefined)) return;
    rmSync(path, { recursive: true, force: true });
  } catch {
    return;
  }
}
