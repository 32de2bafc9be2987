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

interface Counter {
  count: number;
  /** Of the count, what may be of others. */
  error: number;
}

export class FrequentKeys {
  readonly #counters = new Map<Key, Counter>();
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

  figures(): KeyFigures {
    const sure = [...this.#counters].map(([key, { count, error }]) => [shortened(key), count - error] as const);
    const counts = sure.filter(([, count]) => count > 0).toSorted(([, left], [, right]) => right - left);
    return { sampled: this.#sampled, counts: counts.slice(0, figuresMax) };
  }

  #count(key: Key): void {
    if (this.#sampled === keySampleMax) this.#forgetHalf();
    this.#sampled += 1;
    const known = this.#counters.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#counters.size < frequentKeysMax) this.#counters.set(key, { count: 1, error: 0 });
    else this.#replaceRarest(key);
  }

  #replaceRarest(key: Key): void {
    let rarest: Key | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [each, { count }] of this.#counters) {
      if (count >= least) continue;
      rarest = each;
      least = count;
    }
    if (rarest !== undefined) this.#counters.delete(rarest);
    this.#counters.set(key, { count: least + 1, error: least });
  }

  #forgetHalf(): void {
    this.#sampled >>= 1;
    for (const [key, counter] of this.#counters) {
      counter.error = Math.ceil(counter.error / 2);
      counter.count >>= 1;
      if (counter.count <= counter.error) this.#counters.delete(key);
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
