/**
 * q20: every bid for an auction of a category with that auction, in whichever order both come.
 *
 * A join without bounds would do as well; it keeps every bid for auctions to come, and there is one auction for each.
 */

import type { ListState, ProcessContext, ProcessOperator, ValueState } from "../../../jobs/index.ts";
import type { Auction, Bid } from "../generator/event.ts";
import { defineQuery } from "./query.ts";

interface Row {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly bid_dateTime: number;
  readonly bid_extra: string;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly auction_dateTime: number;
  readonly expires: number;
  readonly seller: number;
  readonly category: number;
  readonly auction_extra: string;
}

const category = 10;

export const q20 = defineQuery<Row>({
  name: "q20",
  title: "bids with their auctions, in whichever order they come",
  columns: [
    "auction",
    "bidder",
    "price",
    "channel",
    "url",
    "bid_dateTime",
    "bid_extra",
    "itemName",
    "description",
    "initialBid",
    "reserve",
    "auction_dateTime",
    "expires",
    "seller",
    "category",
    "auction_extra",
  ],
  build: ({ bids, auctions }) =>
    bids
      .keyBy(({ auction }) => auction)
      .processWith(
        "q20",
        auctions.keyBy(({ id }) => id),
        () => new Expansion(),
      ),
  loop(events) {
    const rows: Row[] = [];
    const auctions = new Map<number, Auction>();
    const waiting = new Map<number, Bid[]>();
    for (const event of events) {
      if (event.type === "bid") {
        const auction = auctions.get(event.auction);
        if (auction !== undefined) {
          if (isOfCategory(auction)) rows.push(rowOf(event, auction));
          continue;
        }
        const others = waiting.get(event.auction);
        if (others === undefined) waiting.set(event.auction, [event]);
        else others.push(event);
      } else if (event.type === "auction") {
        auctions.set(event.id, event);
        if (isOfCategory(event)) for (const bid of waiting.get(event.id) ?? []) rows.push(rowOf(bid, event));
        waiting.delete(event.id);
      }
    }
    return rows;
  },
});

class Expansion implements ProcessOperator<Auction | Bid, Row> {
  #auction!: ValueState<Auction>;
  /** Bids for an auction that has not come. */
  #waiting!: ListState<Bid>;

  open({ state }: ProcessContext): void {
    this.#auction = state.value("auction");
    this.#waiting = state.list("waiting");
  }

  onEvent(event: Auction | Bid, context: ProcessContext<Row>): void {
    if (event.type === "auction") {
      this.#auction.set(event);
      if (isOfCategory(event)) for (const bid of this.#waiting.all()) context.emit(rowOf(bid, event));
      this.#waiting.clear();
      return;
    }
    const auction = this.#auction.get();
    if (auction === undefined) this.#waiting.add(event);
    else if (isOfCategory(auction)) context.emit(rowOf(event, auction));
  }
}

function isOfCategory(auction: Auction): boolean {
  return auction.category === category;
}

function rowOf(bid: Bid, auction: Auction): Row {
  return {
    auction: bid.auction,
    bidder: bid.bidder,
    price: bid.price,
    channel: bid.channel,
    url: bid.url,
    bid_dateTime: bid.dateTime,
    bid_extra: bid.extra,
    itemName: auction.itemName,
    description: auction.description,
    initialBid: auction.initialBid,
    reserve: auction.reserve,
    auction_dateTime: auction.dateTime,
    expires: auction.expires,
    seller: auction.seller,
    category: auction.category,
    auction_extra: auction.extra,
  };
}
