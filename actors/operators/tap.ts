/** tap: looks at every event and leaves the stream as it is. */

import { type Batch, partOf } from "../batch.ts";
import type { EventStep, OperatorSpec, Output } from "../operator.ts";
import type { EventContext } from "./event-context.ts";
import { FunctionLogic } from "./function-logic.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";

/**
 * Calls `fn` with each event, which then goes on unchanged. What `fn` returns is not used; an event for which it throws
 * fails.
 *
 * @throws ERR_RT_OPTION when `fn` is no function, ERR_ACT_ASYNC_FUNCTION when it is an async one; an event for which it
 * returns a promise fails with the latter
 */
export function tap<A>(fn: (value: A, context: EventContext) => void): OperatorSpec {
  checkPlainFunction("tap", fn);
  return { kind: "tap", outputs: ["main"], resultKeys: (keys) => keys, create: () => new TapLogic(fn as TapFunction) };
}

type TapFunction = (value: unknown, context: EventContext) => unknown;

class TapLogic extends FunctionLogic<TapFunction> {
  eachEvent(): EventStep {
    return { kind: "tap", fn: this.fn, context: this.cursor };
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const fn = this.fn;
    const cursor = this.cursor;
    const { values, times } = batch;
    let index = from;
    this.enter(batch, from, to, output);
    try {
      for (; index < to; index += 1) {
        output.begin(index);
        cursor.moveOn(index);
        checkPlainResult("tap", fn(values[index], cursor));
      }
    } finally {
      output.emitAll(partOf(values, from, index), partOf(times, from, index));
    }
  }
}
