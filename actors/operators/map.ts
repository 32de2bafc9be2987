/** map: one result per event. */

import { type Batch, partOf } from "../batch.ts";
import type { EventStep, OperatorSpec, Output } from "../operator.ts";
import type { EventContext } from "./event-context.ts";
import { FunctionLogic } from "./function-logic.ts";
import { literalKeys } from "./literal-keys.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";

/**
 * Replaces each event by what `fn` returns for it.
 *
 * @throws ERR_RT_OPTION when `fn` is no function, ERR_ACT_ASYNC_FUNCTION when it is an async one; an event for which it
 * returns a promise fails with the latter
 */
export function map<A, B>(fn: (value: A, context: EventContext) => B): OperatorSpec {
  checkPlainFunction("map", fn);
  const keys = literalKeys(fn);
  return { kind: "map", outputs: ["main"], resultKeys: () => keys, create: () => new MapLogic(fn as MapFunction) };
}

type MapFunction = (value: unknown, context: EventContext) => unknown;

class MapLogic extends FunctionLogic<MapFunction> {
  eachEvent(): EventStep {
    return { kind: "map", fn: this.fn, context: this.cursor };
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const fn = this.fn;
    const cursor = this.cursor;
    const { values, times } = batch;
    const results = new Array<unknown>(to - from);
    let index = from;
    this.enter(batch, from, to, output);
    try {
      for (; index < to; index += 1) {
        output.begin(index);
        cursor.moveOn(index);
        const result = fn(values[index], cursor);
        checkPlainResult("map", result);
        results[index - from] = result;
      }
    } finally {
      results.length = index - from;
      output.emitAll(results, partOf(times, from, index));
    }
  }
}
