/**
 * LookupCache: the answers of a lookup, by key: a bounded number of them, each for a bounded time. The one that was asked for the
 * longest time ago makes room. An answer that there is nothing is one, too.
 *
 * A Map that is put in order by what is asked for: what was asked for last is at its end.
 */

import type { Key } from "../batch.ts";

export interface LookupCacheSettings {
  readonly entriesMax: number;
  readonly ttlMs: number;
  /** Of `undefined` and `null`. */
  readonly negativeTtlMs: number;
}

/** What a cache has done since its instance started; the answer to any message to a lookup with a cache. */
export interface LookupCacheFigures {
  /** Events whose answer was there. */
  readonly hits: number;
  /** Events whose answer was not there, or was too old. */
  readonly misses: number;
  /** Misses that waited for the call of another event with the same key instead of making one. */
  readonly shared: number;
  /** Answers there are. */
  readonly size: number;
}

interface Answer {
  readonly found: unknown;
  readonly endsMs: number;
}

export class LookupCache {
  readonly #settings: LookupCacheSettings;
  readonly #answers = new Map<Key, Answer>();

  constructor(settings: LookupCacheSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#answers.size;
  }

  /** @param nowMs on a clock that never goes back */
  get(key: Key, nowMs: number): { readonly found: unknown } | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    this.#answers.delete(key);
    if (answer.endsMs <= nowMs) return undefined;
    this.#answers.set(key, answer);
    return answer;
  }

  set(key: Key, found: unknown, nowMs: number): void {
    const { entriesMax, ttlMs, negativeTtlMs } = this.#settings;
    const endsMs = nowMs + (found === undefined || found === null ? negativeTtlMs : ttlMs);
    this.#answers.delete(key);
    if (endsMs <= nowMs) return;
    this.#answers.set(key, { found, endsMs });
    if (this.#answers.size <= entriesMax) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }
}
