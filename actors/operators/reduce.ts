/** reduce: events of one kind folded into one of the same kind, per key or in all. */

import type { OperatorSpec } from "../operator.ts";
import type { EventContext } from "./event-context.ts";
import { checkEmission, type Emission, type Fold, FoldLogic } from "./fold.ts";
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
  options: { readonly emit?: Emission } = {},
): OperatorSpec {
  checkPlainFunction("reduce", fn);
  const emission = checkEmission("reduce", options.emit ?? "each");
  const next = fn as (state: unknown, value: unknown, context: EventContext) => unknown;
  const reducing: Fold<unknown> = {
    first: (value) => value,
    next(state, value, context) {
      const result = next(state, value, context);
      checkPlainResult("reduce", result);
      return result;
    },
    keyedResult: (key, value): KeyValue<unknown> => ({ key, value }),
    wholeResult: (value) => value,
  };
  return { kind: "reduce", outputs: ["main"], create: () => new FoldLogic(reducing, emission) };
}
