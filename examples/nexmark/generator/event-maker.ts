/**
 * An event from its id and its time. Every event draws from a generator of its own, whose seed is its id, so that any one of them can be
 * made without those before it. The order of the draws is part of what the events are.
 */

import { channelOf } from "./channels.ts";
import type { Auction, BeamBid, Bid, Person } from "./event.ts";
import {
  auctionsPerRound,
  eventsPerRound,
  hotAuction,
  hotBidder,
  hotSeller,
  idBase,
  lastAuction,
  lastPerson,
  someAuction,
  somePerson,
} from "./event-ids.ts";
import { JavaRandom } from "./java-random.ts";
import { filler, words } from "./text.ts";

/** Sizes that events are filled up to, in bytes as Beam counts them. */
const personBytes = 200;
const auctionBytes = 500;
const bidBytes = 100;

const firstNames = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"];
const lastNames = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"];
const cities = [
  "Phoenix",
  "Los Angeles",
  "San Francisco",
  "Boise",
  "Portland",
  "Bend",
  "Redmond",
  "Seattle",
  "Kent",
  "Cheyenne",
];
const states = ["AZ", "CA", "ID", "OR", "WA", "WY"];
const categoryCount = 5;
const firstCategory = 10;

const random = new JavaRandom();

export type EventKind = "person" | "auction" | "bid";

export function kindOf(eventId: number): EventKind {
  const place = eventId % eventsPerRound;
  if (place < 1) return "person";
  return place <= auctionsPerRound ? "auction" : "bid";
}

export function makePerson(eventId: number, dateTime: number): Person {
  random.seed(eventId);
  const name = `${oneOf(firstNames)} ${oneOf(lastNames)}`;
  const emailAddress = `${words(random, 7)}@${words(random, 5)}.com`;
  const creditCard = `${cardDigits()} ${cardDigits()} ${cardDigits()} ${cardDigits()}`;
  const city = oneOf(cities);
  const state = oneOf(states);
  const size = 8 + name.length + emailAddress.length + creditCard.length + city.length + state.length;
  const extra = filler(random, size, personBytes);
  return {
    type: "person",
    id: idBase + lastPerson(eventId),
    name,
    emailAddress,
    creditCard,
    city,
    state,
    dateTime,
    extra,
  };
}

/** @param spanMs how long an auction is open, on average */
export function makeAuction(eventId: number, dateTime: number, spanMs: number): Auction {
  random.seed(eventId);
  const seller = idBase + (random.nextInt(4) > 0 ? hotSeller(eventId) : somePerson(eventId, random));
  const category = firstCategory + random.nextInt(categoryCount);
  const initialBid = price();
  const expires = dateTime + 1 + random.nextInt(Math.max(2 * spanMs, 1));
  const itemName = words(random, 20);
  const description = words(random, 100);
  const reserve = initialBid + price();
  const extra = filler(random, 8 + itemName.length + description.length + 40, auctionBytes);
  const id = idBase + lastAuction(eventId);
  return {
    type: "auction",
    id,
    itemName,
    description,
    initialBid,
    reserve,
    dateTime,
    expires,
    seller,
    category,
    extra,
  };
}

export function makeBeamBid(eventId: number, dateTime: number): BeamBid {
  random.seed(eventId);
  const auction = bidAuction(eventId);
  const bidder = bidBidder(eventId);
  return { type: "bid", auction, bidder, price: price(), dateTime, extra: filler(random, 32, bidBytes) };
}

export function makeBid(eventId: number, dateTime: number): Bid {
  random.seed(eventId);
  const auction = bidAuction(eventId);
  const bidder = bidBidder(eventId);
  const cents = price();
  const { channel, url } = channelOf(eventId);
  return { type: "bid", auction, bidder, price: cents, channel, url, dateTime, extra: filler(random, 32, bidBytes) };
}

function bidAuction(eventId: number): number {
  return idBase + (random.nextInt(2) > 0 ? hotAuction(eventId) : someAuction(eventId, random));
}

function bidBidder(eventId: number): number {
  return idBase + (random.nextInt(4) > 0 ? hotBidder(eventId) : somePerson(eventId, random));
}

/** From a dollar to a million, as many of each order of magnitude. */
function price(): number {
  return Math.floor(10 ** (random.nextDouble() * 6) * 100 + 0.5);
}

function cardDigits(): string {
  return String(random.nextInt(10_000)).padStart(4, "0");
}

function oneOf(texts: readonly string[]): string {
  return texts[random.nextInt(texts.length)]!;
}
