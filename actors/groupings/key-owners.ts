/**
 * KeyOwners: which instance owns a key, as fast as a look-up. Owners of small whole numbers are found by index. Strings and
 * bigints are hashed digit by digit, which costs more than finding them in a map, so their owners are remembered. A map that
 * is full is begun anew, which keeps those that come often; where hardly one comes again, remembering costs more than it
 * saves, and is left for a while.
 *
 * Not here: the hash (key-hash.ts).
 */

import type { Key } from "../batch.ts";
import { keyGroupCount, ownersKeptMax } from "../limits.ts";
import { isNumbered, keyGroupOf, numberedKeysMax, ownerOf } from "./key-hash.ts";

export class KeyOwners {
  readonly #ownerOfGroup: readonly number[];
  readonly #isOne: boolean;
  /** By key, one more than the owner; 0 where it has not been asked for. */
  readonly #numbered = new Uint16Array(numberedKeysMax);
  #ownerOfKey = new Map<Key, number>();
  /** Keys found in the map since it was begun. */
  #found = 0;
  /** Keys that are still to be hashed without asking the map. */
  #unasked = 0;

  constructor(parallelism: number) {
    this.#isOne = parallelism === 1;
    this.#ownerOfGroup = Array.from({ length: keyGroupCount }, (_, group) => ownerOf(group, parallelism));
  }

  ownerOf(key: Key): number {
    if (this.#isOne) return 0;
    if (isNumbered(key)) {
      const known = this.#numbered[key]!;
      return known > 0 ? known - 1 : this.#keepNumbered(key);
    }
    if (typeof key !== "string" && typeof key !== "bigint") return this.#hashed(key);
    if (this.#unasked > 0) {
      this.#unasked -= 1;
      return this.#hashed(key);
    }
    const known = this.#ownerOfKey.get(key);
    if (known === undefined) return this.#keep(key);
    this.#found += 1;
    return known;
  }

  #keepNumbered(key: number): number {
    const owner = this.#hashed(key);
    this.#numbered[key] = owner + 1;
    return owner;
  }

  #hashed(key: Key): number {
    return this.#ownerOfGroup[keyGroupOf(key)]!;
  }

  #keep(key: Key): number {
    const owner = this.#hashed(key);
    if (this.#ownerOfKey.size === ownersKeptMax) {
      if (this.#found < ownersKeptMax) this.#unasked = unaskedRounds * ownersKeptMax;
      this.#ownerOfKey = new Map();
      this.#found = 0;
    }
    this.#ownerOfKey.set(key, owner);
    return owner;
  }
}

/** Where fewer keys were found than kept, so many times as many are hashed before it is tried again. */
const unaskedRounds = 16;
