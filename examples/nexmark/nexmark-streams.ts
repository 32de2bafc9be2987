/** NexmarkStreams: the events of NEXMark in a job, with their event time: all of them, or those of one kind. */

import type { Job, Stream } from "../../jobs/index.ts";
import type { Auction, Bid, NexmarkEvent, Person } from "./generator/event.ts";

export class NexmarkStreams {
  readonly job: Job;
  readonly #events: Stream<NexmarkEvent>;
  #bids: Stream<Bid> | undefined;
  #auctions: Stream<Auction> | undefined;
  #persons: Stream<Person> | undefined;

  constructor(job: Job, events: Stream<NexmarkEvent>) {
    this.job = job;
    this.#events = events;
  }

  get bids(): Stream<Bid> {
    this.#bids ??= this.#events.filter("bids", (event) => event.type === "bid");
    return this.#bids;
  }

  get auctions(): Stream<Auction> {
    this.#auctions ??= this.#events.filter("auctions", (event) => event.type === "auction");
    return this.#auctions;
  }

  get persons(): Stream<Person> {
    this.#persons ??= this.#events.filter("persons", (event) => event.type === "person");
    return this.#persons;
  }
}
