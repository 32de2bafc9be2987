/** flatMap: any number of results per event, up to a bound. */

import { MillraceError, OptionError } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { expansionEventsMax } from "../limits.ts";
import type { OperatorSpec, Output } from "../operator.ts";
import type { EventContext } from "./event-context.ts";
import { FunctionLogic } from "./function-logic.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";

/** One event has more results than a stream takes of one event. */
export class ExpansionTooLargeError extends MillraceError {
  readonly code = "ERR_ACT_EXPANSION_TOO_LARGE";
}

/**
 * Replaces each event by the items of the iterable that `fn` returns for it: an array, a set, a generator.
 *
 * An event fails with ERR_ACT_EXPANSION_TOO_LARGE at more than `expansionEventsMax` items, with ERR_RT_OPTION when what
 * was returned is no iterable, with ERR_ACT_ASYNC_FUNCTION when it is a promise; none of its items stay.
 *
 * @throws ERR_RT_OPTION when `fn` is no function, ERR_ACT_ASYNC_FUNCTION when it is an async one
 */
export function flatMap<A, B>(fn: (value: A, context: EventContext) => Iterable<B>): OperatorSpec {
  checkPlainFunction("flatMap", fn);
  return { kind: "flatMap", outputs: ["main"], create: () => new FlatMapLogic(fn as ExpandFunction) };
}

type ExpandFunction = (value: unknown, context: EventContext) => Iterable<unknown>;

class FlatMapLogic extends FunctionLogic<ExpandFunction> {
  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const fn = this.fn;
    const cursor = this.cursor;
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      cursor.moveTo(batch, index);
      const items = fn(batch.values[index], cursor);
      if (Array.isArray(items)) emitArray(items, output);
      else emitIterable(items, output);
    }
  }
}

function emitArray(items: readonly unknown[], output: Output): void {
  if (items.length > expansionEventsMax) throw tooLarge(`${items.length}`);
  for (let index = 0; index < items.length; index += 1) output.emit(items[index]);
}

function emitIterable(items: Iterable<unknown>, output: Output): void {
  checkPlainResult("flatMap", items);
  if (typeof items?.[Symbol.iterator] !== "function") {
    throw new OptionError("flatMap: result", items, "an iterable (an array, a set, a generator)");
  }
  let count = 0;
  for (const item of items) {
    count += 1;
    if (count > expansionEventsMax) throw tooLarge(`more than ${expansionEventsMax}`);
    output.emit(item);
  }
}

function tooLarge(found: string): ExpansionTooLargeError {
  return new ExpansionTooLargeError(
    `flatMap: one event has ${found} results, at most ${expansionEventsMax} are allowed`,
    {
      details: { expansionEventsMax },
    },
  );
}
