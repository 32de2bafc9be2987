/**
 * FileLock: one at a time holds a file, among all threads and processes of the machine. The lock is one of the operating
 * system, by way of an empty SQLite database: it ends with its thread or process however that ends, so that no stale lock is
 * ever in the way.
 */

import { DatabaseSync } from "node:sqlite";

export class FileLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Undefined when another holds it. The file is created; throws what SQLite says when it cannot be.
   *
   * @param patienceMs how long to wait for one who holds it
   */
  static tryAcquire(path: string, patienceMs = 0): FileLock | undefined {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: patienceMs });
      database.exec("BEGIN EXCLUSIVE");
      return new FileLock(database);
    } catch (error) {
      database?.close();
      if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}

/** A result code: another connection holds the lock. */
const sqliteBusy = 5;
