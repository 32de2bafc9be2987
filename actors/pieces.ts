/**
 * Pieces: work of an operator that may be long, such as telling all that it keeps, in steps: each `next` is one. A cell does one in a turn, and
 * hands on what that has put out before the next, as far as its outputs have credit.
 */

import { batchEventsMax } from "./limits.ts";

export type Pieces = Generator<void, void>;

/** Calls `tell` with each item, a batch of them in a piece. */
export function* inPieces<T>(items: Iterable<T>, tell: (item: T) => void): Pieces {
  let count = 0;
  for (const item of items) {
    if (count === batchEventsMax) {
      yield;
      count = 0;
    }
    tell(item);
    count += 1;
  }
}

/** Calls `tell` until it says that nothing is left, once in a piece. */
export function untilDone(tell: () => boolean): Pieces | undefined {
  return tell() ? undefined : goingOn(tell);
}

function* goingOn(tell: () => boolean): Pieces {
  do yield;
  while (!tell());
}

/** What comes first, and `then` behind the last piece of it: at once, where there are none. */
export function followedBy(
  first: Pieces | undefined | void,
  then: () => Pieces | undefined | void,
): Pieces | undefined {
  return first === undefined ? (then() ?? undefined) : bothOf(first, then);
}

function* bothOf(first: Pieces, then: () => Pieces | undefined | void): Pieces {
  yield* first;
  const following = then();
  if (following !== undefined) yield* following;
}

/** All pieces, for who cannot wait. */
export function finish(pieces: Pieces | undefined | void): void {
  while (pieces !== undefined && pieces.next().done !== true);
}
