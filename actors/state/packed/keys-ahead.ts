/**
 * KeysAhead: the keys that a table is asked for next, and which entries have their hashes: who then asks for one after the other need not
 * look for them again.
 *
 * Invariant
 *  Q1  what is known of an entry holds until entries get other numbers.
 */

import type { Key } from "../../batch.ts";

/** So many keys are read ahead: what is read of them fits the nearest cache. */
export const keysAhead = 64;

export class KeysAhead {
  readonly hashes = new Int32Array(keysAhead);
  /** Below 0 for none. */
  readonly entries = new Int32Array(keysAhead);
  #keys: readonly Key[] = [];
  #from = 0;
  #at = 0;
  #to = 0;

  /** Keys `from` to `to` come next, in this order. */
  expect(keys: readonly Key[], from: number, to: number): void {
    this.#keys = keys;
    this.#from = from;
    this.#at = from;
    this.#to = to;
  }

  /**
   * The entry with the hash of a key, if that is the next one; -1 where it is not, or has none.
   *
   * @param before the key that was asked for before: whoever asks twice in a row is answered without this
   */
  take(key: Key, before: Key | undefined): number {
    const keys = this.#keys;
    let at = this.#at;
    while (at < this.#to && keys[at] === before) at += 1;
    if (at >= this.#to || keys[at] !== key) return -1;
    this.#at = at + 1;
    return this.entries[at - this.#from] as number;
  }

  /** Q1: entries have other numbers now. */
  forget(): void {
    this.#to = 0;
  }
}
