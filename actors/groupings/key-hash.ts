/**
 * Key hash: from a key to the instance that owns it, the same on every host, in every process, at every version.
 *
 * Keys are spread over `keyGroupCount` groups by a 32-bit hash over their type and value, and contiguous ranges of groups
 * over the instances; so state that was saved with one parallelism can be restored with another.
 *
 * Invariants
 *  H1  keys that are `===` have the same hash; so -0 has that of 0. The type counts: 1, "1", 1n and true differ.
 *  H2  0 <= group < keyGroupCount, 0 <= instance < parallelism, and the instance grows with the group.
 */

import { MillraceError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { keyGroupCount } from "../limits.ts";

/** A value that cannot be a key. */
export class KeyError extends MillraceError {
  readonly code = "ERR_ACT_KEY";
}

/**
 * Refuses what cannot be a key.
 *
 * @param what who asked for the key, such as `keyBy`
 * @throws ERR_ACT_KEY
 */
export function checkKey(what: string, key: unknown): asserts key is Key {
  const type = typeof key;
  if (type === "string" || (type === "number" && !Number.isNaN(key)) || type === "bigint" || type === "boolean") return;
  throw new KeyError(
    `${what}: expected a string, a number other than NaN, a bigint or a boolean, got ${printValue(key)}`,
    {
      details: { what },
    },
  );
}

/** The instance that owns a key group. */
export function ownerOf(keyGroup: number, parallelism: number): number {
  return Math.floor((keyGroup * parallelism) / keyGroupCount);
}

/** The instance that owns a key. */
export function instanceOfKey(key: Key, parallelism: number): number {
  return ownerOf(keyGroupOf(key), parallelism);
}

/** The key group of a key, from 0 to `keyGroupCount - 1`. */
export function keyGroupOf(key: Key): number {
  return keyHash(key) % keyGroupCount;
}

/**
 * The hash of a key, from 0 to 2^32 - 1: MurmurHash3 (x86, 32 bits) by Austin Appleby with a seed per type, over
 * the value as one block for integers of 32 bits, the two halves of the double (lower first) for other numbers, the UTF-16 code
 * units in pairs (earlier lower) for strings, the hexadecimal digits as a string for bigints.
 *
 * @param salt a number other than 0 gives another hash, independent of the one that says which instance owns the key
 */
export function keyHash(key: Key, salt = 0): number {
  if (typeof key === "string") return hashText(key, stringSeed ^ salt);
  if (typeof key === "number") return (key | 0) === key ? hashWord(key, numberSeed ^ salt) : hashDouble(key, salt);
  if (typeof key === "boolean") return hashWord(key ? 1 : 0, booleanSeed ^ salt);
  return hashText(key.toString(16), bigintSeed ^ salt);
}

const stringSeed = 1;
const numberSeed = 2;
const booleanSeed = 3;
const bigintSeed = 4;

function hashWord(word: number, seed: number): number {
  return finish(block(seed, word) ^ 4);
}

const doubleView = new DataView(new ArrayBuffer(8));

function hashDouble(value: number, salt: number): number {
  doubleView.setFloat64(0, value, true);
  const lower = block(numberSeed ^ salt, doubleView.getInt32(0, true));
  return finish(block(lower, doubleView.getInt32(4, true)) ^ 8);
}

function hashText(text: string, seed: number): number {
  const { length } = text;
  let hash = seed;
  let index = 0;
  for (; index + 1 < length; index += 2) {
    hash = block(hash, text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
  }
  if (index < length) hash ^= scramble(text.charCodeAt(index));
  return finish(hash ^ (2 * length));
}

function block(hash: number, word: number): number {
  const mixed = hash ^ scramble(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
}

/** The finaliser; the result is unsigned. */
function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Whether a key is a whole number below `numberedKeysMax`, so that what is kept of it can be found by index. */
export function isNumbered(key: Key): key is number {
  return typeof key === "number" && key >= 0 && key < numberedKeysMax && (key | 0) === key;
}

export const numberedKeysMax = 4_096;
