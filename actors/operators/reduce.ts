/** reduce: events of one kind folded into one of the same kind, per key or in all. */

import type { OperatorSpec } from "../operator.ts";
import type { EventContext } from "./event-context.ts";
import { type Fold, type FoldOptions, foldOperator } from "./fold.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";
import type { KeyValue } from "./scan.ts";

/**
 * Combines the events of each key: the first is the state, each further one is put into it by `fn`, which returns the new
 * state and leaves the old one as it is. Results are `KeyValue`s on a keyed stream; otherwise the states themselves, one
 * per instance.
 *
 * @throws ERR_RT_OPTION when `fn` is no function or `emit` no emission, ERR_ACT_ASYNC_FUNCTION when `fn` is an async one
 */
export function reduce<A>(
  fn: (state: A, value: A, context: EventContext) => A,
  options: FoldOptions = {},
): OperatorSpec {
  checkPlainFunction("reduce", fn);
  const next = fn as (state: unknown, value: unknown, context: EventContext) => unknown;
  const reducing: Fold<unknown> = {
    kind: "reduce",
    first: (value) => value,
    next(state, value, context) {
      const result = next(state, value, context);
      checkPlainResult("reduce", result);
      return result;
    },
    keyedResult: (key, value): KeyValue<unknown> => ({ key, value }),
    wholeResult: (value) => value,
  };
  return foldOperator(reducing, options);
}
