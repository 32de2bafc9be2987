/** filter: the events that a predicate accepts. */

import type { Batch } from "../batch.ts";
import type { OperatorSpec, Output } from "../operator.ts";
import type { EventContext } from "./event-context.ts";
import { FunctionLogic } from "./function-logic.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";

/**
 * Keeps the events for which `predicate` returns something truthy; the others leave the stream.
 *
 * @throws ERR_RT_OPTION when `predicate` is no function, ERR_ACT_ASYNC_FUNCTION when it is an async one; an event for
 * which it returns a promise fails with the latter
 */
export function filter<A>(predicate: (value: A, context: EventContext) => unknown): OperatorSpec {
  checkPlainFunction("filter", predicate);
  return { kind: "filter", outputs: ["main"], create: () => new FilterLogic(predicate as Predicate) };
}

type Predicate = (value: unknown, context: EventContext) => unknown;

class FilterLogic extends FunctionLogic<Predicate> {
  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const predicate = this.fn;
    const cursor = this.cursor;
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      cursor.moveTo(batch, index);
      const value = batch.values[index];
      const kept = predicate(value, cursor);
      checkPlainResult("filter", kept);
      if (kept) output.emit(value);
    }
  }
}
