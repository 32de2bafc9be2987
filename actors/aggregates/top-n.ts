/** topN: the events with the highest scores. What falls out is forgotten, so that it cannot be undone. */

import { wholeNumber } from "../../runtime/index.ts";
import { topCountMax } from "../limits.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { type Aggregate, SelectingAggregate, wrongValue } from "./aggregate.ts";
import { hasOrder, type Ordered } from "./extremes.ts";

export interface Scored<E, V extends Ordered> {
  readonly score: V;
  readonly event: E;
}

/**
 * The `n` events with the highest scores by `by`, highest first; of several with one score those that came first. Give the
 * negative of a number for the lowest.
 *
 * @param n from 1 to `topCountMax`
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for a score that has no order
 */
export function topN<E, V extends Ordered>(n: number, by: (event: E) => V): Aggregate<E, Scored<E, V>[], readonly E[]> {
  wholeNumber("topN: n", n, 1, topCountMax);
  checkPlainFunction("topN: by", by);
  return new SelectingAggregate({
    kind: "topN",
    select: (event: E): Scored<E, V> => {
      const score = by(event);
      if (hasOrder(score)) return { score, event };
      throw wrongValue("topN", "a number, bigint, string or Date that is not NaN", score);
    },
    create: (): Scored<E, V>[] => [],
    put: (top, scored) => placed(top, scored, n),
    merge: (into, from) => {
      for (const scored of from) placed(into, scored, n);
      return into;
    },
    finish: (top) => top.map(({ event }) => event),
  });
}

/** `top` is in order; what comes later is placed behind its equals. */
function placed<E, V extends Ordered>(top: Scored<E, V>[], scored: Scored<E, V>, n: number): Scored<E, V>[] {
  if (top.length === n && scored.score <= top[n - 1]!.score) return top;
  let low = 0;
  let high = top.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (top[middle]!.score >= scored.score) low = middle + 1;
    else high = middle;
  }
  top.splice(low, 0, scored);
  if (top.length > n) top.pop();
  return top;
}
