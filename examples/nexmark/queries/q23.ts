/** q23: every bid with its bidder and with each auction that he has opened: an unbounded join of three streams. */

import type { Auction, Bid, Person } from "../generator/event.ts";
import { defineQuery } from "./query.ts";
import { unbounded } from "./unbounded.ts";

interface Row {
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly bid_extra: string;
  readonly person_id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly person_extra: string;
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

const rowsPerKeyMax = 1_000_000;

export const q23 = defineQuery<Row>({
  name: "q23",
  // Its rows grow faster than the events.
  benchEventsMax: 300_000,
  title: "bids with their bidders and what those offer: an unbounded join of three streams",
  columns: [
    "bidder",
    "price",
    "channel",
    "url",
    "bid_extra",
    "person_id",
    "name",
    "emailAddress",
    "creditCard",
    "city",
    "state",
    "person_extra",
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
  build: ({ bids, persons, auctions }) =>
    persons
      .keyBy(({ id }) => id)
      .intervalJoin(
        "q23-offers",
        auctions.keyBy(({ seller }) => seller),
        unbounded,
        (person, auction) => ({ person, auction }),
      )
      .keyBy(({ person }) => person.id)
      .intervalJoin(
        "q23",
        bids.keyBy(({ bidder }) => bidder),
        unbounded,
        ({ person, auction }, bid) => rowOf(bid, person, auction),
        { rowsPerKeyMax },
      ),
  loop(events) {
    const rows: Row[] = [];
    const all = new Map<number, { person: Person | undefined; readonly bids: Bid[]; readonly auctions: Auction[] }>();
    const of = (id: number) => {
      let one = all.get(id);
      if (one === undefined) {
        one = { person: undefined, bids: [], auctions: [] };
        all.set(id, one);
      }
      return one;
    };
    for (const event of events) {
      if (event.type === "person") {
        const one = of(event.id);
        one.person = event;
        for (const bid of one.bids) for (const auction of one.auctions) rows.push(rowOf(bid, event, auction));
      } else if (event.type === "auction") {
        const { person, bids, auctions } = of(event.seller);
        auctions.push(event);
        if (person !== undefined) for (const bid of bids) rows.push(rowOf(bid, person, event));
      } else {
        const { person, bids, auctions } = of(event.bidder);
        bids.push(event);
        if (person !== undefined) for (const auction of auctions) rows.push(rowOf(event, person, auction));
      }
    }
    return rows;
  },
});

function rowOf(bid: Bid, person: Person, auction: Auction): Row {
  return {
    bidder: bid.bidder,
    price: bid.price,
    channel: bid.channel,
    url: bid.url,
    bid_extra: bid.extra,
    person_id: person.id,
    name: person.name,
    emailAddress: person.emailAddress,
    creditCard: person.creditCard,
    city: person.city,
    state: person.state,
    person_extra: person.extra,
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
