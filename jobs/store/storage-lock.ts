/**
 * StorageLock: one run at a time uses the storage of a job. The lock itself ends with its process (file-lock.ts). Beside it lies a
 * note that says who holds it, for the error of the others, and which checkpoint was the last one written.
 *
 * Invariant
 *  L1  the note is written after the checkpoint is durable: a file with an older checkpoint than the note names was
 *      damaged or exchanged.
 */

import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FileLock } from "../../runtime/index.ts";
import { crc32c } from "./file/crc32c.ts";
import { StorageDamagedError, StorageError, StorageLockedError } from "./storage-error.ts";

/** A result code of SQLite: another connection holds the lock. */
const sqliteBusy = 5;
/** Whoever looks whether it is locked (`ownerOf`) holds it for less, in ms. */
const lookMs = 100;
/** So that a note always overwrites the whole of the one before, in one write. */
const noteCharacters = 512;

interface Note {
  readonly pid: number;
  readonly host: string;
  readonly sinceMs: number;
  /** The last checkpoint written. */
  readonly epoch: number;
}

export class StorageLock {
  readonly #lock: FileLock;
  readonly #file: number;
  readonly #owner: Omit<Note, "epoch">;
  /** The last checkpoint that the owners before have noted; 0 for none. */
  readonly epochBefore: number;
  /** Set when the note is there and cannot be read. */
  readonly noteDamage: StorageDamagedError | undefined;

  /**
   * @param path without its ending
   * @throws ERR_JOB_STORAGE_LOCKED naming the owner, ERR_JOB_STORAGE
   */
  constructor(path: string, job: string, nowMs: number) {
    this.#lock = acquire(path, job, nowMs);
    try {
      const note = readNote(path);
      this.noteDamage = note === "damaged" ? noteDamage(path) : undefined;
      this.epochBefore = note === "damaged" ? 0 : (note?.epoch ?? 0);
      this.#file = openSync(`${path}.owner`, "a+");
      closeSync(this.#file);
      this.#file = openSync(`${path}.owner`, "r+");
    } catch (error) {
      this.#lock.release();
      throw new StorageError(`${path}.owner cannot be written: ${(error as Error).message}`, { cause: error });
    }
    this.#owner = { pid: process.pid, host: hostname(), sinceMs: nowMs };
  }

  /** Notes who holds the lock, and the last checkpoint written. */
  note(epoch: number): void {
    writeSync(this.#file, printNote({ ...this.#owner, epoch }), 0, "utf8");
  }

  release(): void {
    closeSync(this.#file);
    this.#lock.release();
  }
}

/** The last checkpoint of a job that its storage tells of, whoever holds it; 0 when it tells of none. */
export function notedEpoch(directory: string, job: string): number {
  try {
    const note = readNote(join(directory, job));
    return note === "damaged" ? 0 : (note?.epoch ?? 0);
  } catch {
    return 0;
  }
}

/** Who uses the storage of a job. */
export interface StorageOwner {
  /** Undefined where the note of the owner cannot be read. */
  readonly pid: number | undefined;
  readonly host: string | undefined;
  readonly sinceMs: number | undefined;
}

/**
 * Who uses the storage of a job now; undefined when nobody does. Changes nothing.
 *
 * @param path without its ending
 */
export function ownerOf(path: string): StorageOwner | undefined {
  if (!existsSync(`${path}.lock`) || !isLocked(`${path}.lock`)) return undefined;
  const note = readNote(path);
  if (note === undefined || note === "damaged") return { pid: undefined, host: undefined, sinceMs: undefined };
  return { pid: note.pid, host: note.host, sinceMs: note.sinceMs };
}

function isLocked(path: string): boolean {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.prepare("SELECT 1 FROM sqlite_schema").get();
    return false;
  } catch (error) {
    return (error as { errcode?: unknown }).errcode === sqliteBusy;
  } finally {
    database.close();
  }
}

function acquire(path: string, job: string, nowMs: number): FileLock {
  let lock: FileLock | undefined;
  try {
    lock = FileLock.tryAcquire(`${path}.lock`, lookMs);
  } catch (error) {
    const { message } = error as Error;
    throw new StorageError(`${path}.lock cannot be locked: ${message}`, { cause: error, details: { path } });
  }
  if (lock === undefined) throw lockedError(path, job, nowMs);
  return lock;
}

function lockedError(path: string, job: string, nowMs: number): StorageLockedError {
  const details = { path, job };
  const note = readNote(path);
  if (note === undefined || note === "damaged") {
    return new StorageLockedError(`the storage ${path} of job ${JSON.stringify(job)} is used by another run`, {
      details,
    });
  }
  const { pid, host, sinceMs } = note;
  const ageMs = Math.max(0, Math.round(nowMs - sinceMs));
  return new StorageLockedError(
    `the storage ${path} of job ${JSON.stringify(job)} is used by process ${pid} on ${host}, for ${ageMs} ms now: ` +
      "wait until that run has ended, or give this one another storage",
    { details: { ...details, pid, host, ageMs } },
  );
}

function printNote(note: Note): string {
  const text = JSON.stringify(note);
  return `${crc32c(Buffer.from(text))} ${text}`.padEnd(noteCharacters - 1).concat("\n");
}

/** Undefined when there is none, or it was lost with the power of the machine before it was on the disk. */
function readNote(path: string): Note | "damaged" | undefined {
  const text = readText(`${path}.owner`).replaceAll("\0", "").trim();
  if (text === "") return undefined;
  const at = text.indexOf(" ");
  const json = Buffer.from(text.slice(at + 1), "latin1");
  return crc32c(json) === Number(text.slice(0, at)) ? (JSON.parse(json.toString()) as Note) : "damaged";
}

function noteDamage(path: string): StorageDamagedError {
  return new StorageDamagedError(
    `${path}.owner is damaged, which says who used the storage last and which checkpoint was the newest. Delete it if ` +
      `nothing else is wrong with ${path}.sqlite: that is checked without it as well`,
    { details: { path: `${path}.owner` } },
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return "";
    throw error;
  }
}
