/**
 * KeyOwners: which instance owns a key, as fast as a look-up. Strings are hashed character by character, which costs more
 * than finding them in a map, so the owners of strings seen are kept, as long as there are few.
 *
 * Not here: the hash (key-hash.ts).
 */

import type { Key } from "../batch.ts";
import { keyGroupCount, ownersKeptMax } from "../limits.ts";
import { keyGroupOf, ownerOf } from "./key-hash.ts";

export class KeyOwners {
  readonly #ownerOfGroup: readonly number[];
  /** Undefined for good once there were too many. */
  #ownerOfText: Map<string, number> | undefined = new Map();

  constructor(parallelism: number) {
    this.#ownerOfGroup = Array.from({ length: keyGroupCount }, (_, group) => ownerOf(group, parallelism));
  }

  ownerOf(key: Key): number {
    if (typeof key !== "string" || this.#ownerOfText === undefined) return this.#ownerOfGroup[keyGroupOf(key)]!;
    return this.#ownerOfText.get(key) ?? this.#keep(key, this.#ownerOfText);
  }

  #keep(key: string, ownerOfText: Map<string, number>): number {
    const owner = this.#ownerOfGroup[keyGroupOf(key)]!;
    if (ownerOfText.size === ownersKeptMax) this.#ownerOfText = undefined;
    else ownerOfText.set(key, owner);
    return owner;
  }
}
