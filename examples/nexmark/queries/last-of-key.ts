/** The newest value of each key, of results of which each replaces the one of its key before. */

import type { Key } from "../../../jobs/index.ts";

export function lastOfKey<K extends Key, V>(results: Iterable<{ readonly key: K; readonly value: V }>): Map<K, V> {
  const last = new Map<K, V>();
  for (const { key, value } of results) last.set(key, value);
  return last;
}
