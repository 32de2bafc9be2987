/**
 * The winning bid of each auction so far: the highest of those from its beginning to its end, both included. In a job a result replaces
 * what was told of its auction before.
 */

import type { KeyedValue, Stream } from "../../../jobs/index.ts";
import type { Auction, Bid, NexmarkEvent } from "../generator/event.ts";
import type { NexmarkStreams } from "../nexmark-streams.ts";
import { higherBid } from "./bid-values.ts";

export interface Sale {
  readonly auction: Auction;
  readonly bid: Bid;
}

/** @param name begins the names of the operators */
export function winningBids(name: string, { auctions, bids }: NexmarkStreams): Stream<KeyedValue<number, Sale>> {
  return (
    auctions
      .keyBy(({ id }) => id)
      // Only the end of an auction that is known bounds its bids from above.
      .intervalJoin(
        `${name}-bids`,
        bids.keyBy(({ auction }) => auction),
        { lower: 0, upper: Number.POSITIVE_INFINITY },
        (auction, bid): Sale => ({ auction, bid }),
      )
      .filter(`${name}-in-time`, ({ auction, bid }) => bid.dateTime <= auction.expires)
      .keyBy(({ auction }) => auction.id)
      .reduce(`${name}-winning`, higherOf, { emit: "batch" })
  );
}

/** The same by a loop. */
export function loopOverWinningBids(events: readonly NexmarkEvent[]): Iterable<Sale> {
  const auctions = new Map<number, Auction>();
  const winners = new Map<number, Sale>();
  for (const event of events) {
    if (event.type === "auction") auctions.set(event.id, event);
    if (event.type !== "bid") continue;
    // Events are in order: a bid whose auction has not come is before its beginning.
    const auction = auctions.get(event.auction);
    if (auction === undefined || event.dateTime > auction.expires) continue;
    const winner = winners.get(event.auction);
    if (winner === undefined || higherBid(winner.bid, event) === event)
      winners.set(event.auction, { auction, bid: event });
  }
  return winners.values();
}

function higherOf(first: Sale, second: Sale): Sale {
  return higherBid(first.bid, second.bid) === second.bid ? second : first;
}
