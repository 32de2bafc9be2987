/**
 * StoreSavepoints: the savepoints of a job: full copies of its file under names that the author gave, in a folder beside it.
 * Each is a file by itself, which may be kept, copied and moved as any file.
 */

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkName } from "../../../runtime/index.ts";
import { SavepointTakenError, SavepointUnknownError } from "../savepoint-error.ts";
import { copyStoreFile } from "./copy-store-file.ts";
import type { StoredCheckpoint } from "./read-store-file.ts";

export interface StoreSavepoint {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** When it was taken. */
  readonly atMs: number;
}

const ending = ".sqlite";

export class StoreSavepoints {
  readonly #path: string;
  readonly #folder: string;
  /** Those that are being taken, by name. */
  readonly #taking = new Map<string, Promise<string>>();

  /** @param path of the file of the job, without its ending */
  constructor(path: string) {
    this.#path = path;
    this.#folder = `${path}.savepoints`;
  }

  /** By name. */
  list(): readonly StoreSavepoint[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(ending))
      .sort()
      .map((file) => {
        const path = join(this.#folder, file);
        const { size, mtimeMs } = statSync(path);
        return { name: file.slice(0, -ending.length), path, bytes: size, atMs: mtimeMs };
      });
  }

  pathOf(name: string): string {
    return join(this.#folder, `${checkName("savepoint", name)}${ending}`);
  }

  /** Throws ERR_RT_OPTION, ERR_JOB_SAVEPOINT_TAKEN. */
  checkFree(name: string): void {
    const path = this.pathOf(name);
    if (existsSync(path) || this.#taking.has(name)) throw new SavepointTakenError(name, path);
  }

  /**
   * Copies the last complete checkpoint of the file, as it is when this is called; resolves to the path when the copy is on the
   * disk. The job may be running, and write further ones meanwhile.
   *
   * Rejects with ERR_RT_OPTION, ERR_JOB_SAVEPOINT_TAKEN, or what the platform says.
   */
  async take(name: string): Promise<string> {
    this.checkFree(name);
    mkdirSync(this.#folder, { recursive: true });
    const taken = copyStoreFile(`${this.#path}${ending}`, () => this.pathOf(name));
    this.#taking.set(name, taken);
    try {
      const path = await taken;
      syncFolder(this.#folder);
      return path;
    } finally {
      this.#taking.delete(name);
    }
  }

  /** Resolves when none is being taken. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#taking.values());
  }

  /** The path of one that exists. Throws ERR_JOB_SAVEPOINT_UNKNOWN, which lists those there are. */
  find(name: string): string {
    const savepoints = this.list();
    const found = savepoints.find((savepoint) => savepoint.name === name);
    if (found !== undefined) return found.path;
    throw new SavepointUnknownError(
      name,
      this.#folder,
      savepoints.map((savepoint) => savepoint.name),
    );
  }

  /** Throws ERR_JOB_SAVEPOINT_UNKNOWN, which lists those there are. */
  delete(name: string): void {
    rmSync(this.find(name));
    syncFolder(this.#folder);
  }
}

/** Tells one savepoint from another, also under the same name. */
export function savepointMark({ epoch, atMs }: Pick<StoredCheckpoint, "epoch" | "atMs">): string {
  return `epoch ${epoch}, ${new Date(atMs).toISOString()}`;
}

/** A name is on the disk when its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
