/** collect: the events themselves, in the order in which they came. */

import { wholeNumber } from "../../runtime/index.ts";
import { collectedEventsDefault, collectedEventsMax } from "../limits.ts";
import { type Aggregate, AggregateLimitError, SelectingAggregate } from "./aggregate.ts";

/**
 * All events, in the order in which they came; of windows that are made of parts, part by part.
 *
 * @param limit events of one result, from 1 to `collectedEventsMax`; default `collectedEventsDefault`
 * @throws ERR_RT_OPTION; one event more fails with ERR_ACT_AGGREGATE_LIMIT, and so does an operator that merges more
 */
export function collect<E>(limit: number = collectedEventsDefault): Aggregate<E, E[], readonly E[]> {
  wholeNumber("collect: limit", limit, 1, collectedEventsMax);
  return new SelectingAggregate({
    kind: "collect",
    select: (event: E) => event,
    create: (): E[] => [],
    put: (events, event) => {
      if (events.length >= limit) throw tooMany(limit);
      events.push(event);
      return events;
    },
    merge: (into, from) => {
      if (into.length + from.length > limit) throw tooMany(limit);
      for (const event of from) into.push(event);
      return into;
    },
    finish: (events) => [...events],
    isLimited: true,
  });
}

function tooMany(limit: number): AggregateLimitError {
  return new AggregateLimitError(
    `collect: more than ${limit} events in one accumulator: raise the limit, up to ${collectedEventsMax}, or keep less of them`,
    { details: { limit } },
  );
}
