/**
 * StateReader: reads the state of operators from the file that the store thread writes, on the thread that needs it: through a
 * connection of its own, which waits for no writer and keeps none waiting. So what the file holds is in no memory a second time.
 */

import { DatabaseSync } from "node:sqlite";
import { readCheckpointRow } from "./file/checkpoint-row.ts";
import { withStorageErrors } from "./file/read-store-file.ts";
import { readDeltas } from "./file/state-part.ts";
import { busyMs } from "./file/store-file.ts";
import { StorageError } from "./storage-error.ts";

export class StateReader {
  readonly #path: string;
  readonly #database: DatabaseSync;

  /** @throws ERR_JOB_STORAGE */
  constructor(path: string) {
    this.#path = path;
    this.#database = withStorageErrors(path, () => new DatabaseSync(path, { readOnly: true, timeout: busyMs }));
  }

  /**
   * The deltas of some operators of one cell, by operator, oldest first, each verified. Operators without state are absent.
   *
   * @param epoch of the checkpoint that the file holds
   * @throws ERR_JOB_STORAGE, ERR_JOB_STORAGE_DAMAGED naming the record
   */
  deltasOf(operators: readonly string[], instance: number, epoch: number): Record<string, readonly Uint8Array[]> {
    return withStorageErrors(this.#path, () => {
      this.#database.exec("BEGIN");
      try {
        const stored = readCheckpointRow(this.#database, this.#path).epoch;
        if (stored !== epoch) throw this.#another(epoch, stored);
        const deltas = operators.map((name) => [name, readDeltas(this.#database, epoch, name, instance)] as const);
        return Object.fromEntries(deltas.filter(([, kept]) => kept.length > 0));
      } finally {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      }
    });
  }

  close(): void {
    this.#database.close();
  }

  #another(epoch: number, stored: number): StorageError {
    return new StorageError(
      `${this.#path} holds the checkpoint of epoch ${stored}, and should hold that of epoch ${epoch}: somebody else writes to it`,
      { details: { path: this.#path, epoch, stored } },
    );
  }
}
