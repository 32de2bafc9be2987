/**
 * Bids, different bidders and different auctions, in all and by the rank of the price, as an aggregate. Which ranks a bidder has been seen
 * with is a bit each, so that one look at a map says in which of the four numbers he is new.
 */

import type { Aggregate } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import { rankOf } from "./bid-values.ts";

/** In all, and of each rank. */
type Counts = [total: number, rank1: number, rank2: number, rank3: number];

interface Seen {
  /** The ranks that each was seen with, a bit each. */
  readonly ranks: Map<number, number>;
  readonly counts: Counts;
}

export interface StatisticsState {
  readonly bids: Counts;
  readonly bidders: Seen;
  readonly auctions: Seen;
  newest: number;
}

export interface BidStatistics {
  readonly bids: Readonly<Counts>;
  readonly bidders: Readonly<Counts>;
  readonly auctions: Readonly<Counts>;
  /** When the newest of the bids was made. */
  readonly newest: number;
}

export const bidStatistics: Aggregate<Bid, StatisticsState, BidStatistics> = {
  create: () => ({ bids: [0, 0, 0, 0], bidders: nobody(), auctions: nobody(), newest: 0 }),
  add(state, { price, bidder, auction, dateTime }) {
    const rank = rankOf(price);
    state.bids[0] += 1;
    state.bids[rank] += 1;
    see(state.bidders, bidder, rank);
    see(state.auctions, auction, rank);
    if (dateTime > state.newest) state.newest = dateTime;
    return state;
  },
  merge(into, from) {
    for (let rank = 0; rank < 4; rank += 1) into.bids[rank]! += from.bids[rank]!;
    seeAll(into.bidders, from.bidders);
    seeAll(into.auctions, from.auctions);
    into.newest = Math.max(into.newest, from.newest);
    return into;
  },
  finish: ({ bids, bidders, auctions, newest }) => ({
    bids: [...bids],
    bidders: [...bidders.counts],
    auctions: [...auctions.counts],
    newest,
  }),
};

export const statisticsColumns = [
  "total_bids",
  "rank1_bids",
  "rank2_bids",
  "rank3_bids",
  "total_bidders",
  "rank1_bidders",
  "rank2_bidders",
  "rank3_bidders",
  "total_auctions",
  "rank1_auctions",
  "rank2_auctions",
  "rank3_auctions",
] as const;

export type StatisticsRow = Readonly<Record<(typeof statisticsColumns)[number], number>>;

export function statisticsRow({ bids, bidders, auctions }: BidStatistics): StatisticsRow {
  return {
    total_bids: bids[0],
    rank1_bids: bids[1],
    rank2_bids: bids[2],
    rank3_bids: bids[3],
    total_bidders: bidders[0],
    rank1_bidders: bidders[1],
    rank2_bidders: bidders[2],
    rank3_bidders: bidders[3],
    total_auctions: auctions[0],
    rank1_auctions: auctions[1],
    rank2_auctions: auctions[2],
    rank3_auctions: auctions[3],
  };
}

function nobody(): Seen {
  return { ranks: new Map(), counts: [0, 0, 0, 0] };
}

function seeAll({ ranks, counts }: Seen, from: Seen): void {
  for (const [id, bits] of from.ranks) {
    const before = ranks.get(id) ?? 0;
    const added = bits & ~before;
    if (added === 0) continue;
    ranks.set(id, before | bits);
    for (let rank = 1; rank < 4; rank += 1) counts[rank]! += (added >> rank) & 1;
    if (before === 0) counts[0] += 1;
  }
}

function see({ ranks, counts }: Seen, id: number, rank: 1 | 2 | 3): void {
  const before = ranks.get(id) ?? 0;
  const bit = 1 << rank;
  if ((before & bit) !== 0) return;
  ranks.set(id, before | bit);
  counts[rank] += 1;
  if (before === 0) counts[0] += 1;
}
