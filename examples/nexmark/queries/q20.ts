/** q20: every bid for an auction of a category with that auction: an unbounded join with much to keep. */

import type { Auction, Bid } from "../generator/event.ts";
import { defineQuery } from "./query.ts";
import { unbounded } from "./unbounded.ts";

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
  title: "bids with their auctions: an unbounded join",
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
      .intervalJoin(
        "q20",
        auctions.filter("q20-auctions", isOfCategory).keyBy(({ id }) => id),
        unbounded,
        rowOf,
        { rowsPerKeyMax: 1_000_000 },
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
