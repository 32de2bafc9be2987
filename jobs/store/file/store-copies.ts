/** StoreCopies: the older full copies of the file of a job, in a folder beside it, each named by its epoch. */

import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { faultPoint } from "../../../runtime/index.ts";
import { removeDatabase } from "./copy-store-file.ts";

export interface StoreCopy {
  readonly path: string;
  readonly epoch: number;
  readonly bytes: number;
}

const namePattern = /^epoch-(\d{1,15})\.sqlite$/;

export class StoreCopies {
  readonly #folder: string;

  /** @param path of the file of the job, without its ending */
  constructor(path: string) {
    this.#folder = `${path}.copies`;
  }

  /** Newest first. */
  list(): readonly StoreCopy[] {
    return namesIn(this.#folder)
      .flatMap((name) => {
        const epoch = namePattern.exec(name)?.[1];
        return epoch === undefined ? [] : [{ path: join(this.#folder, name), epoch: Number(epoch) }];
      })
      .map((copy) => ({ ...copy, bytes: statSync(copy.path).size }))
      .sort((left, right) => right.epoch - left.epoch);
  }

  /** Where the copy of an epoch is, or goes. */
  pathOf(epoch: number): string {
    mkdirSync(this.#folder, { recursive: true });
    return join(this.#folder, `epoch-${epoch}.sqlite`);
  }

  /** Removes all but the newest. */
  keepNewest(count: number): void {
    for (const { path } of this.list().slice(count)) {
      faultPoint("store.copy.before-removal");
      removeDatabase(path);
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return [];
    throw error;
  }
}
