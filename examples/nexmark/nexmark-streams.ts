/**
 * NexmarkStreams: the events of NEXMark in a job, with their event time, by their kind. They are told apart where they are read, each once, so
 * that a query is sent nothing that it does not ask for.
 */

import type { Job, Stream } from "../../jobs/index.ts";
import type { Auction, Bid, NexmarkEvent, Person } from "./generator/event.ts";

export class NexmarkStreams {
  readonly job: Job;
  readonly bids: Stream<Bid>;
  readonly auctions: Stream<Auction>;
  readonly persons: Stream<Person>;

  constructor(job: Job, events: Stream<NexmarkEvent>) {
    const { bids, auctions, persons } = events.split("kinds", {
      bids: (event): event is Bid => event.type === "bid",
      auctions: (event): event is Auction => event.type === "auction",
      persons: (event): event is Person => event.type === "person",
    });
    this.job = job;
    this.bids = bids;
    this.auctions = auctions;
    this.persons = persons;
  }
}
