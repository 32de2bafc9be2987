/**
 * CopyKeeper: sees to it that there are full copies of the file: one of what the file held when it was opened, which has just
 * been verified, and one at each interval. One is made at a time, beside the writing of checkpoints; one that fails is told, and
 * made at the next checkpoint.
 */

import { toWire } from "../../runtime/index.ts";
import { copyStoreFile } from "./file/copy-store-file.ts";
import { StoreCopies } from "./file/store-copies.ts";

export interface CopySettings {
  /** 0: none are made. */
  readonly keep: number;
  readonly intervalMs: number;
}

export class CopyKeeper {
  readonly #path: string;
  readonly #copies: StoreCopies;
  readonly #settings: CopySettings;
  #lastMs: number;
  #making: Promise<void> | undefined;
  #failure: string | undefined;

  /**
   * @param path of the file, without its ending
   * @param epoch what it holds
   */
  constructor(path: string, settings: CopySettings, epoch: number, nowMs: number) {
    this.#path = path;
    this.#copies = new StoreCopies(path);
    this.#settings = settings;
    this.#lastMs = nowMs;
    if (epoch > 0 && this.#copies.list()[0]?.epoch !== epoch) this.#make(nowMs);
  }

  /** A checkpoint is complete. Returns why the copy before could not be made. */
  committed(nowMs: number): string | undefined {
    const { intervalMs } = this.#settings;
    // A clock that was set back must not put copies off until it has caught up.
    const isDue = nowMs - this.#lastMs >= intervalMs || nowMs < this.#lastMs;
    if (isDue && this.#making === undefined) this.#make(nowMs);
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Resolves when no copy is being made. */
  async settle(): Promise<void> {
    await this.#making;
  }

  #make(nowMs: number): void {
    if (this.#settings.keep === 0) return;
    const before = this.#lastMs;
    this.#lastMs = nowMs;
    this.#making = copyStoreFile(`${this.#path}.sqlite`, (epoch) => this.#copies.pathOf(epoch))
      .then(() => this.#copies.keepNewest(this.#settings.keep))
      .catch((error: unknown) => {
        this.#failure = toWire(error).message;
        this.#lastMs = before;
      })
      .finally(() => {
        this.#making = undefined;
      });
  }
}
