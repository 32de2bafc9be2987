/**
 * The winning bid of each auction so far: the highest of those from its beginning to its end, both included. In a job a result replaces
 * what was told of its auction before.
 *
 * A join of both streams by their times would do as well, with the best of its pairs; it keeps every bid until no auction can come for it.
 * This keeps the winning one, and before an auction has come its bids.
 */

import type { KeyedValue, ProcessContext, ProcessOperator, Stream, ValueState } from "../../../jobs/index.ts";
import type { Auction, Bid, NexmarkEvent } from "../generator/event.ts";
import type { NexmarkStreams } from "../nexmark-streams.ts";
import { higherBid } from "./bid-values.ts";

export interface Sale {
  readonly auction: Auction;
  readonly bid: Bid;
}

/** Adds an operator of that name. */
export function winningBids(name: string, { auctions, bids }: NexmarkStreams): Stream<KeyedValue<number, Sale>> {
  return auctions
    .keyBy(({ id }) => id)
    .processWith(
      name,
      bids.keyBy(({ auction }) => auction),
      () => new AuctionHouse(),
    );
}

/** What is known of an auction: its bids, before it has come; or itself, with the bid that wins. */
type Known = { readonly waiting: readonly Bid[] } | { readonly auction: Auction; readonly bid: Bid | undefined };

class AuctionHouse implements ProcessOperator<Auction | Bid, KeyedValue<number, Sale>> {
  #known!: ValueState<Known>;

  open({ state }: ProcessContext): void {
    this.#known = state.value("known");
  }

  onEvent(event: Auction | Bid, context: ProcessContext<KeyedValue<number, Sale>>): void {
    const known = this.#known.get();
    if (event.type === "auction") {
      const waiting = known !== undefined && "waiting" in known ? known.waiting : [];
      const bid = waiting.filter((one) => isInTime(event, one)).reduce<Bid | undefined>(winnerOf, undefined);
      this.#tell(event, bid, context);
    } else if (known === undefined || "waiting" in known) {
      this.#known.set({ waiting: [...(known?.waiting ?? []), event] });
    } else if (isInTime(known.auction, event) && winnerOf(known.bid, event) === event) {
      this.#tell(known.auction, event, context);
    }
  }

  #tell(auction: Auction, bid: Bid | undefined, context: ProcessContext<KeyedValue<number, Sale>>): void {
    this.#known.set({ auction, bid });
    if (bid !== undefined) context.emit({ key: auction.id, value: { auction, bid } });
  }
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
    if (auction === undefined || !isInTime(auction, event)) continue;
    const winner = winners.get(event.auction);
    if (winnerOf(winner?.bid, event) === event) winners.set(event.auction, { auction, bid: event });
  }
  return winners.values();
}

function isInTime({ dateTime, expires }: Auction, bid: Bid): boolean {
  return bid.dateTime >= dateTime && bid.dateTime <= expires;
}

function winnerOf(before: Bid | undefined, bid: Bid): Bid {
  return before === undefined ? bid : higherBid(before, bid);
}
