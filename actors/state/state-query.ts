/**
 * StateQuery: what people ask about the state of an operator, and the answer from what it keeps: of one key, or of the first keys
 * of a range, in the order of keys. Pure.
 */

import { MillraceError } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { queryBytesMax } from "../limits.ts";

export type StateQuery =
  | { readonly kind: "key"; readonly key: Key }
  | {
      readonly kind: "range";
      /** The first key; undefined for no bound. */
      readonly from: Key | undefined;
      /** The first key behind it; undefined for no bound. */
      readonly to: Key | undefined;
      /** Keys in the answer, at the most. */
      readonly limit: number;
    };

export type StateAnswer =
  | { readonly kind: "entries"; readonly bytes: Uint8Array }
  /** The operator keeps nothing that can be asked for. */
  | { readonly kind: "stateless" }
  | { readonly kind: "failed"; readonly message: string };

/** @param entries what the operator keeps; undefined when it does not tell */
export function stateAnswer(
  operator: string,
  entries: Iterable<StateEntry> | undefined,
  query: StateQuery,
): StateAnswer {
  if (entries === undefined) return { kind: "stateless" };
  try {
    const bytes = encodeDelta(operator, selected(entries, query));
    if (bytes.byteLength <= queryBytesMax) return { kind: "entries", bytes };
    const message = `the answer has ${bytes.byteLength} bytes; the most is ${queryBytesMax}: ask for fewer keys`;
    return { kind: "failed", message };
  } catch (error) {
    if (error instanceof MillraceError) return { kind: "failed", message: error.message };
    throw error;
  }
}

/** The entries that a query asks for, by key. */
export function selected(entries: Iterable<StateEntry>, query: StateQuery): readonly StateEntry[] {
  if (query.kind === "key") return [...entries].filter(([, key]) => key === query.key);
  const byKey = new Map<Key, StateEntry[]>();
  for (const entry of entries) {
    const key = entry[1];
    if (!isWithin(key, query.from, query.to)) continue;
    const own = byKey.get(key);
    if (own === undefined) byKey.set(key, [entry]);
    else own.push(entry);
  }
  return [...byKey]
    .sort(([left], [right]) => compareKeys(left, right))
    .slice(0, query.limit)
    .flatMap(([, own]) => own);
}

/** Numbers and big integers by size, then texts by their UTF-16 code units, then false and true. */
function compareKeys(left: Key, right: Key): number {
  const ranks = rankOf(left) - rankOf(right);
  if (ranks !== 0) return ranks;
  return left < right ? -1 : left > right ? 1 : 0;
}

function isWithin(key: Key, from: Key | undefined, to: Key | undefined): boolean {
  return (from === undefined || compareKeys(key, from) >= 0) && (to === undefined || compareKeys(key, to) < 0);
}

function rankOf(key: Key): number {
  if (typeof key === "number" || typeof key === "bigint") return 0;
  return typeof key === "string" ? 1 : 2;
}
