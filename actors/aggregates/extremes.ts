/** min and max: the smallest and the largest of what can be put in order. They cannot be undone. */

import { checkPlainFunction } from "../operators/plain-function.ts";
import { type Aggregate, SelectingAggregate, wrongValue } from "./aggregate.ts";

/** What has an order. Strings are ordered by their UTF-16 code units. */
export type Ordered = number | bigint | string | Date;

/**
 * The smallest of what `select` returns; of several the first.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for what has no order
 */
export function min<E, V extends Ordered>(select: (event: E) => V): Aggregate<E, V | null, V> {
  return extreme("min", select, (value, than) => value < than);
}

/** The largest of what `select` returns; of several the first. Throws like `min`. */
export function max<E, V extends Ordered>(select: (event: E) => V): Aggregate<E, V | null, V> {
  return extreme("max", select, (value, than) => value > than);
}

/** Null stands for no event yet. */
function extreme<E, V extends Ordered>(
  what: string,
  select: (event: E) => V,
  goesBefore: (value: V, than: V) => boolean,
): Aggregate<E, V | null, V> {
  checkPlainFunction(what, select);
  return new SelectingAggregate({
    kind: what,
    select: (event: E) => {
      const value = select(event);
      if (hasOrder(value)) return value;
      throw wrongValue(what, "a number, bigint, string or Date that is not NaN", value);
    },
    create: (): V | null => null,
    put: (found, value) => (found === null || goesBefore(value, found) ? value : found),
    merge: (into, from) => (into === null || (from !== null && goesBefore(from, into)) ? from : into),
    finish: (found) => found as V,
  });
}

/** Whether it can be compared: no NaN, no Date that is none, nothing of another type. */
export function hasOrder(value: unknown): value is Ordered {
  const type = typeof value;
  if (type === "number" || value instanceof Date) return !Number.isNaN(Number(value));
  return type === "string" || type === "bigint";
}
