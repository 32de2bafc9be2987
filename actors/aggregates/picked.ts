/**
 * first and last: the event with the earliest and the latest event time, whatever the order in which they come; of several with
 * one time the one that came first or last. Without event time the order of arrival decides.
 */

import { type Aggregate, SelectingAggregate } from "./aggregate.ts";

/** Empty before the first event. */
export type Picked<E> = readonly [] | readonly [event: E, time: number];

/** The event with the earliest event time. */
export function first<E>(): Aggregate<E, Picked<E>, E> {
  return picked("first", (time, than) => time < than);
}

/** The event with the latest event time. */
export function last<E>(): Aggregate<E, Picked<E>, E> {
  return picked("last", (time, than) => time >= than);
}

function picked<E>(kind: string, replaces: (time: number, than: number) => boolean): Aggregate<E, Picked<E>, E> {
  return new SelectingAggregate({
    kind,
    select: (event: E) => event,
    create: (): Picked<E> => [],
    put: (state, event, time = 0) => (state.length === 0 || replaces(time, state[1]) ? [event, time] : state),
    merge: (into, from) => {
      if (from.length === 0) return into;
      return into.length === 0 || replaces(from[1], into[1]) ? from : into;
    },
    finish: (state) => state[0] as E,
  });
}
