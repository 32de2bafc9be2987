/** filter: the events that a predicate accepts. */

import type { Batch } from "../batch.ts";
import type { EventStep, OperatorSpec, Output } from "../operator.ts";
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
  return {
    kind: "filter",
    outputs: ["main"],
    resultKeys: (keys) => keys,
    create: () => new FilterLogic(predicate as Predicate),
  };
}

type Predicate = (value: unknown, context: EventContext) => unknown;

class FilterLogic extends FunctionLogic<Predicate> {
  eachEvent(): EventStep {
    return { kind: "filter", fn: this.fn, context: this.cursor };
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const predicate = this.fn;
    const cursor = this.cursor;
    const { values, times } = batch;
    const kept = new Array<unknown>(to - from);
    const keptTimes = times && new Array<number>(to - from);
    let count = 0;
    this.enter(batch, from, to, output);
    try {
      for (let index = from; index < to; index += 1) {
        output.begin(index);
        cursor.moveOn(index);
        const value = values[index];
        const answer = predicate(value, cursor);
        checkPlainResult("filter", answer);
        if (!answer) continue;
        kept[count] = value;
        if (keptTimes !== undefined) keptTimes[count] = times![index]!;
        count += 1;
      }
    } finally {
      kept.length = count;
      if (keptTimes !== undefined) keptTimes.length = count;
      output.emitAll(kept, keptTimes);
    }
  }
}
