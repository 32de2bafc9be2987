/**
 * FrequentKeys: which keys come most often, in bounded memory: the Space-Saving algorithm (A. Metwally, D. Agrawal, A. El Abbadi,
 * "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005) over a sample of about one event in `keySampleGap`.
 * Half of what was counted is forgotten each time that so many were, so that it tells of what came lately.
 *
 * Invariants
 *  S1  of a key that is counted, between `count - error` and `count` of the sample are its; of one that is not, at most the smallest count.
 *  S2  no error is above `sampled / frequentKeysMax`.
 */

import type { Key } from "../batch.ts";
import { frequentKeysMax, keySampleGap, keySampleMax } from "../limits.ts";

/** What a sender knows of the keys on one of its edges. Plain data. */
export interface KeyFigures {
  /** Events in the sample. */
  readonly sampled: number;
  /** At least so many of them have the key; the most frequent first. A text is cut off behind 200 characters. */
  readonly counts: readonly (readonly [key: Key, count: number])[];
}

/** Lists side by side, and no map: one whose entries come and go is made anew time and again. */
export class FrequentKeys {
  #keys: Key[] = [];
  #counts: number[] = [];
  /** Of the counts, what may be of others. */
  #errors: number[] = [];
  #sampled = 0;
  /** Events until the next one that is counted. */
  #left = 1;
  #drawn = 1;

  /** An event has this key. */
  note(key: Key): void {
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#left = this.#gap();
    this.#count(key);
  }

  /** So many events have keys, of which few are asked for, by their place. */
  noteEach(count: number, keyAt: (index: number) => Key): void {
    let index = this.#left - 1;
    for (; index < count; index += this.#gap()) this.#count(keyAt(index));
    this.#left = index - count + 1;
  }

  figures(): KeyFigures {
    const sure = this.#keys.map((key, index) => [shortened(key), this.#counts[index]! - this.#errors[index]!] as const);
    const counts = sure.filter(([, count]) => count > 0).toSorted(([, left], [, right]) => right - left);
    return { sampled: this.#sampled, counts: counts.slice(0, figuresMax) };
  }

  #count(key: Key): void {
    if (this.#sampled === keySampleMax) this.#forgetHalf();
    this.#sampled += 1;
    const known = this.#keys.indexOf(key);
    if (known >= 0) this.#counts[known]! += 1;
    else if (this.#keys.length < frequentKeysMax) this.#add(key, 1, 0);
    else this.#replaceRarest(key);
  }

  #add(key: Key, count: number, error: number): void {
    this.#keys.push(key);
    this.#counts.push(count);
    this.#errors.push(error);
  }

  #replaceRarest(key: Key): void {
    let rarest = 0;
    for (let index = 1; index < this.#counts.length; index += 1) {
      if (this.#counts[index]! < this.#counts[rarest]!) rarest = index;
    }
    this.#keys[rarest] = key;
    this.#errors[rarest] = this.#counts[rarest]!;
    this.#counts[rarest]! += 1;
  }

  #forgetHalf(): void {
    const [keys, counts, errors] = [this.#keys, this.#counts, this.#errors];
    this.#sampled >>= 1;
    [this.#keys, this.#counts, this.#errors] = [[], [], []];
    for (const [index, key] of keys.entries()) {
      const [count, error] = [counts[index]! >> 1, Math.ceil(errors[index]! / 2)];
      if (count > error) this.#add(key, count, error);
    }
  }

  /** From 1 to twice the mean, so that keys which come in turns are counted alike: a linear congruential generator (Numerical Recipes). */
  #gap(): number {
    this.#drawn = (Math.imul(this.#drawn, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((this.#drawn / 2 ** 32) * (2 * keySampleGap - 1));
  }
}

const figuresMax = 8;
const keyCharactersMax = 200;

function shortened(key: Key): Key {
  return typeof key === "string" && key.length > keyCharactersMax ? `${key.slice(0, keyCharactersMax)}…` : key;
}
