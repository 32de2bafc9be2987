/** What happens at the auction house of NEXMark. Times are in ms since the epoch, prices in cents. */

export interface Person {
  readonly type: "person";
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly dateTime: number;
  readonly extra: string;
}

export interface Auction {
  readonly type: "auction";
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly dateTime: number;
  readonly expires: number;
  /** The id of a person. */
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

/** A bid as Apache Beam has it. */
export interface BeamBid {
  readonly type: "bid";
  /** The id of an auction, which may be one that is still to come. */
  readonly auction: number;
  /** The id of a person, who may be one that is still to come. */
  readonly bidder: number;
  readonly price: number;
  readonly dateTime: number;
  readonly extra: string;
}

/** ... with the columns that the version for Apache Flink has beside. */
export interface Bid extends BeamBid {
  readonly channel: string;
  readonly url: string;
}

export type NexmarkEvent = Person | Auction | Bid;
export type BeamEvent = Person | Auction | BeamBid;
