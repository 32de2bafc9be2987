/** count: how many events there were, per key or in all. */

import type { Key } from "../batch.ts";
import type { OperatorSpec } from "../operator.ts";
import { type Emission, type Fold, foldOperator } from "./fold.ts";

/** A result of `count` on a keyed stream. */
export interface KeyCount {
  readonly key: Key;
  readonly count: number;
}

/**
 * Counts the events of each key. Results are `KeyCount`s on a keyed stream; otherwise numbers, one count per instance.
 * A stream without events has no result.
 *
 * @throws ERR_RT_OPTION when `emit` is no emission
 */
export function count(options: { readonly emit?: Emission } = {}): OperatorSpec {
  return foldOperator(counting, options);
}

const counting: Fold<number> = {
  kind: "count",
  first: () => 1,
  next: (state) => state + 1,
  together: {
    aggregate: { create: () => 0, add: (count) => (count as number) + 1 },
    merge: (count = 0, following) => count + following,
  },
  keyedResult: (key, state): KeyCount => ({ key, count: state }),
  wholeResult: (state) => state,
};
