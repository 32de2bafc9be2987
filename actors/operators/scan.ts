/** scan: a state per key, or in all, carried from event to event. */

import type { Key } from "../batch.ts";
import type { OperatorSpec } from "../operator.ts";
import type { EventContext } from "./event-context.ts";
import { type Fold, type FoldOptions, foldOperator } from "./fold.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";

/** A result of `scan` and `reduce` on a keyed stream. */
export interface KeyValue<S> {
  readonly key: Key;
  readonly value: S;
}

/**
 * Carries a state per key: `seed` makes it at the first event, `fn` returns the new state for each event and leaves the
 * old one as it is (it may be on its way as a result, and an event that fails must not have changed it). Results are
 * `KeyValue`s on a keyed stream; otherwise the states themselves, one per instance.
 *
 * @throws ERR_RT_OPTION when `seed` or `fn` is no function or `emit` no emission, ERR_ACT_ASYNC_FUNCTION when one of them
 * is async; an event for which one returns a promise fails with the latter
 */
export function scan<A, S>(
  seed: () => S,
  fn: (state: S, value: A, context: EventContext) => S,
  options: FoldOptions = {},
): OperatorSpec {
  checkPlainFunction("scan: seed", seed);
  checkPlainFunction("scan", fn);
  const next = fn as (state: unknown, value: unknown, context: EventContext) => unknown;
  const step = (state: unknown, value: unknown, context: EventContext): unknown => {
    const result = next(state, value, context);
    checkPlainResult("scan", result);
    return result;
  };
  const scanning: Fold<unknown> = {
    kind: "scan",
    first(value, context) {
      const state = seed();
      checkPlainResult("scan: seed", state);
      return step(state, value, context);
    },
    next: step,
    keyedResult: (key, value): KeyValue<unknown> => ({ key, value }),
    wholeResult: (value) => value,
  };
  return foldOperator(scanning, options);
}
