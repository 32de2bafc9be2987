/**
 * The winning bid of each auction so far: the highest of those from its beginning to its end, both included. In a job a result replaces
 * what was told of its auction before.
 *
 * A join of both streams by their times would do as well, with the best of its pairs; it keeps every bid until no auction can come for it.
 * This keeps the winning one, and before an auction has come its bids.
 */

import type {
  KeyedValue,
  ListState,
  ProcessContext,
  ProcessOperator,
  Stream,
  ValueState,
} from "../../../jobs/index.ts";
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

/** An auction that has come, with the bid that wins. */
interface Opened {
  readonly auction: Auction;
  readonly bid: Bid | undefined;
}

class AuctionHouse implements ProcessOperator<Auction | Bid, KeyedValue<number, Sale>> {
  #opened!: ValueState<Opened>;
  /** Bids for an auction that has not come. */
  #waiting!: ListState<Bid>;

  open({ state }: ProcessContext): void {
    this.#opened = state.value("opened");
    this.#waiting = state.list("waiting");
  }

  onEvent(event: Auction | Bid, context: ProcessContext<KeyedValue<number, Sale>>): void {
    if (event.type === "auction") return this.#onAuction(event, context);
    const opened = this.#opened.get();
    if (opened === undefined) this.#waiting.add(event);
    else if (isInTime(opened.auction, event) && winnerOf(opened.bid, event) === event) {
      this.#tell(opened.auction, event, context);
    }
  }

  #onAuction(auction: Auction, context: ProcessContext<KeyedValue<number, Sale>>): void {
    let winner: Bid | undefined;
    for (const bid of this.#waiting.all()) if (isInTime(auction, bid)) winner = winnerOf(winner, bid);
    this.#waiting.clear();
    if (winner === undefined) this.#opened.set({ auction, bid: undefined });
    else this.#tell(auction, winner, context);
  }

  #tell(auction: Auction, bid: Bid, context: ProcessContext<KeyedValue<number, Sale>>): void {
    const sale = { auction, bid };
    this.#opened.set(sale);
    context.emit({ key: auction.id, value: sale });
  }
}

/**
 * The same by a loop: the winning bids in the end.
 *
 * @param tell is called with each bid that is the highest of its auction so far, and the one that was before it
 */
export function loopOverWinningBids(
  events: readonly NexmarkEvent[],
  tell?: (sale: Sale, outbid: Bid | undefined) => void,
): Iterable<Sale> {
  const auctions = new Map<number, Auction>();
  const winners = new Map<number, Sale>();
  for (const event of events) {
    if (event.type === "auction") auctions.set(event.id, event);
    if (event.type !== "bid") continue;
    // Events are in order: a bid whose auction has not come is before its beginning.
    const auction = auctions.get(event.auction);
    if (auction === undefined || !isInTime(auction, event)) continue;
    const outbid = winners.get(event.auction)?.bid;
    if (winnerOf(outbid, event) !== event) continue;
    const sale = { auction, bid: event };
    winners.set(event.auction, sale);
    tell?.(sale, outbid);
  }
  return winners.values();
}

function isInTime({ dateTime, expires }: Auction, bid: Bid): boolean {
  return bid.dateTime >= dateTime && bid.dateTime <= expires;
}

function winnerOf(before: Bid | undefined, bid: Bid): Bid {
  return before === undefined ? bid : higherBid(before, bid);
}
