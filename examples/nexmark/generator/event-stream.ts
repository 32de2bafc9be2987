/**
 * The stream of NEXMark's generator as Apache Beam has it: which events there are, in which order they come and at which time each
 * happens. It is the same each time, so that results can be compared.
 *
 * Several generators work side by side, each on its part of the event ids and from the same time on; their events come in turns.
 */

import type { Auction, BeamBid, BeamEvent, Bid, NexmarkEvent, Person } from "./event.ts";
import { kindOf, makeAuction, makeBeamBid, makeBid, makePerson } from "./event-maker.ts";

export interface StreamSettings {
  /** How many events; a multiple of `generators`. */
  readonly events: number;
  /** Events per second of event time, all generators together. Default 10,000. */
  readonly rate?: number;
  /** Default 1. */
  readonly generators?: number;
  /** Events come shuffled within groups of so many. Default 1: in order. */
  readonly outOfOrderGroupSize?: number;
}

/** 2015-07-15T00:00:00Z: when the first event happens. */
const baseTime = 1_436_918_400_000;

/** The event that comes as number `index`, from 0. */
export type EventAt<E> = (index: number) => E;

/** The events with a channel and a url on each bid. */
export function eventStream(settings: StreamSettings): EventAt<NexmarkEvent> {
  return streamOf<Bid>(settings, makeBid);
}

/** The events as Apache Beam has them. */
export function beamEventStream(settings: StreamSettings): EventAt<BeamEvent> {
  return streamOf<BeamBid>(settings, makeBeamBid);
}

/** How much later than one that happened before it an event may come, in ms. */
export function disorderMs({
  events,
  rate = rateDefault,
  generators = 1,
  outOfOrderGroupSize = 1,
}: StreamSettings): number {
  const group = Math.min(outOfOrderGroupSize, Math.ceil(events / generators));
  return Math.ceil(((group - 1) * delayMicros(rate, generators)) / 1_000);
}

const rateDefault = 10_000;
/** Coprime to the size of a group, so that a group is shuffled and none of it comes twice. */
const shuffleFactor = 953;
/** Events between the first and the last of the auctions in flight. */
const auctionSpanEvents = Math.floor((100 * 50) / 3);

function streamOf<B>(
  settings: StreamSettings,
  bid: (eventId: number, dateTime: number) => B,
): EventAt<Person | Auction | B> {
  const { events, rate = rateDefault, generators = 1, outOfOrderGroupSize: group = 1 } = settings;
  const micros = delayMicros(rate, generators);
  const timeOf = (number: number) => baseTime + Math.floor((number * micros) / 1_000);
  return (index) => {
    const generator = index % generators;
    const count = (index - generator) / generators;
    const place = count % group;
    const number = count - place + ((count * shuffleFactor) % group);
    const eventId = generator * (events / generators) + number;
    const dateTime = timeOf(number);
    switch (kindOf(eventId)) {
      case "person":
        return makePerson(eventId, dateTime);
      case "auction":
        return makeAuction(eventId, dateTime, timeOf(number + auctionSpanEvents) - dateTime);
      case "bid":
        return bid(eventId, dateTime);
    }
  };
}

/** Between two events of one generator. */
function delayMicros(rate: number, generators: number): number {
  return Math.floor((1_000_000 + Math.floor(rate / 2)) / rate) * generators;
}
