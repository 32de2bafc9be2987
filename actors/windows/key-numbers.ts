/**
 * KeyNumbers: a number for each key, from 0, in the order in which they came. What is kept of keys can then stand in arrays side by side.
 *
 * Small whole numbers are found by index, others in an open-addressing table (Knuth, 6.4, Algorithm L): a Map takes several times as long.
 *
 * Invariant
 *  V3  two keys have the same number when they are `===`.
 */

import type { Key } from "../batch.ts";

/** Keys that are whole numbers below that are found by index. */
const indexedKeys = 4_096;
const slotsMin = 64;
/** 2 ** 32 divided by the golden ratio, made odd: Knuth, 6.4. */
const multiplier = 0x9e3779b1;

export class KeyNumbers {
  /** One more than the number, by key; 0 for none. */
  readonly #byIndex: number[] = [];
  /** Of other whole numbers of 32 bits: keys, and beside each one more than its number. Less than half of the slots are taken. */
  #slots = new Int32Array(0);
  /** Bits of a hash that are none of its slot. */
  #shift = 32;
  #slotsTaken = 0;
  readonly #others = new Map<Key, number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** -1 for none. */
  find(key: Key): number {
    if (typeof key !== "number" || (key | 0) !== key) return this.#others.get(key) ?? -1;
    if (key >= 0 && key < indexedKeys) return key < this.#byIndex.length ? this.#byIndex[key]! - 1 : -1;
    return this.#slots.length === 0 ? -1 : this.#slots[this.#slotOf(key) + 1]! - 1;
  }

  /** That of a key which may be new. */
  of(key: Key): number {
    const known = this.find(key);
    if (known >= 0) return known;
    const next = this.#size;
    this.#size = next + 1;
    if (typeof key !== "number" || (key | 0) !== key) this.#others.set(key, next);
    else if (key >= 0 && key < indexedKeys) {
      while (this.#byIndex.length <= key) this.#byIndex.push(0);
      this.#byIndex[key] = next + 1;
    } else this.#addWhole(key, next);
    return next;
  }

  #addWhole(key: number, number: number): void {
    this.#slotsTaken += 1;
    if (4 * this.#slotsTaken > this.#slots.length) this.#grow();
    this.#put(key, number + 1);
  }

  #grow(): void {
    const before = this.#slots;
    const slots = Math.max(slotsMin, before.length);
    this.#slots = new Int32Array(2 * slots);
    this.#shift = 32 - Math.log2(slots);
    for (let slot = 0; slot < before.length; slot += 2) {
      if (before[slot + 1]! > 0) this.#put(before[slot]!, before[slot + 1]!);
    }
  }

  #put(key: number, value: number): void {
    const slot = this.#slotOf(key);
    this.#slots[slot] = key;
    this.#slots[slot + 1] = value;
  }

  /** Where the key is, or would be. */
  #slotOf(key: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = 2 * (Math.imul(key, multiplier) >>> this.#shift);
    while (slots[slot + 1] !== 0 && slots[slot] !== key) slot = (slot + 2) & mask;
    return slot;
  }
}
