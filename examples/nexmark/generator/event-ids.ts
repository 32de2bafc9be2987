/**
 * Which persons and auctions there are when an event of a given id happens. Of every 50 events, the first is a person, the next three
 * are auctions, and all others bids; numbers here begin with 0, ids of persons and auctions with `idBase`.
 */

import type { JavaRandom } from "./java-random.ts";

export const eventsPerRound = 50;
export const auctionsPerRound = 3;
export const idBase = 1_000;

/** Of the persons and auctions so far, what is drawn are new ones... */
const activePersons = 1_000;
const auctionsInFlight = 100;
/** ... and a few that are still to come. */
const lead = 10;
/** One of so many is the hot one, for as long. */
const hotEvery = 100;

export function lastPerson(eventId: number): number {
  return Math.floor(eventId / eventsPerRound);
}

export function lastAuction(eventId: number): number {
  const round = Math.floor(eventId / eventsPerRound);
  const place = eventId % eventsPerRound;
  if (place < 1) return round * auctionsPerRound - 1;
  return round * auctionsPerRound + Math.min(place, auctionsPerRound) - 1;
}

export function somePerson(eventId: number, random: JavaRandom): number {
  const persons = lastPerson(eventId) + 1;
  const active = Math.min(persons, activePersons);
  return persons - active + random.nextInt(active + lead);
}

export function someAuction(eventId: number, random: JavaRandom): number {
  const last = lastAuction(eventId);
  const first = Math.max(last - auctionsInFlight, 0);
  return first + random.nextInt(last - first + 1 + lead);
}

export function hotAuction(eventId: number): number {
  return Math.floor(lastAuction(eventId) / hotEvery) * hotEvery;
}

export function hotSeller(eventId: number): number {
  return Math.floor(lastPerson(eventId) / hotEvery) * hotEvery;
}

export function hotBidder(eventId: number): number {
  return hotSeller(eventId) + 1;
}
