/** distinct: how many different values there are, counted exactly: every value is kept, with how often it came. */

import { wholeNumber } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { distinctValuesDefault, distinctValuesMax } from "../limits.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { type Aggregate, AggregateLimitError, SelectingAggregate, wrongValue } from "./aggregate.ts";

/**
 * How many different values `select` returns. Two are the same when they are `===`.
 *
 * @param limit different values of one result, from 1 to `distinctValuesMax`; default `distinctValuesDefault`
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for what cannot be a key, and with
 * ERR_ACT_AGGREGATE_LIMIT for one value more, as does an operator that merges more: `distinctApprox` needs no limit
 */
export function distinct<E>(
  select: (event: E) => Key,
  limit: number = distinctValuesDefault,
): Aggregate<E, Map<Key, number>, number> {
  wholeNumber("distinct: limit", limit, 1, distinctValuesMax);
  return new SelectingAggregate({
    kind: "distinct",
    select: keysOf("distinct", select),
    create: () => new Map<Key, number>(),
    put: (counts, value: Key) => changed(counts, value, 1, limit),
    merge: (into, from) => {
      for (const [value, times] of from) changed(into, value, times, limit);
      return into;
    },
    take: (counts, value: Key) => changed(counts, value, -1, limit),
    finish: (counts) => counts.size,
    isLimited: true,
  });
}

/** A selecting function for values that can be told apart, which refuses others. */
export function keysOf<E>(what: string, select: (event: E) => Key): (event: E) => Key {
  checkPlainFunction(what, select);
  return (event) => {
    const value = select(event);
    const type = typeof value;
    if (type === "string" || type === "bigint" || type === "boolean") return value;
    if (type === "number" && !Number.isNaN(value)) return value;
    throw wrongValue(what, "a string, a number other than NaN, a bigint or a boolean", value);
  };
}

function changed(counts: Map<Key, number>, value: Key, by: number, limit: number): Map<Key, number> {
  const before = counts.get(value);
  if (before === undefined && counts.size >= limit) {
    throw new AggregateLimitError(
      `distinct: more than ${limit} different values in one accumulator: raise the limit, up to ${distinctValuesMax}, or ` +
        "take distinctApprox, which keeps none",
      { details: { limit } },
    );
  }
  const after = (before ?? 0) + by;
  if (after === 0) counts.delete(value);
  else counts.set(value, after);
  return counts;
}
