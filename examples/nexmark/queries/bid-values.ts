/** What is worked out of single bids, the same way in jobs and in loops. */

import type { Bid } from "../generator/event.ts";
import { hourOf } from "./calendar.ts";

/** A price in cents at 0.908 euros per dollar, exact to a thousandth. */
export function inEuros(price: number): string {
  const thousandths = price * 908;
  return `${Math.floor(thousandths / 1_000)}.${String(thousandths % 1_000).padStart(3, "0")}`;
}

export type BidTime = "dayTime" | "nightTime" | "otherTime";

export function bidTimeOf(time: number): BidTime {
  const hour = hourOf(time);
  if (hour >= 8 && hour <= 18) return "dayTime";
  return hour <= 6 || hour >= 20 ? "nightTime" : "otherTime";
}

/** How often a character comes in a text. */
export function occurrences(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1;
  return count;
}

const channelIds: Readonly<Record<string, string>> = { apple: "0", google: "1", facebook: "2", baidu: "3" };
const channelIdInUrl = /(&|^)channel_id=([^&]*)/;

/** The id of one of the large channels, otherwise the one that the url names; undefined when there is neither. */
export function channelIdOf({ channel, url }: Bid): string | undefined {
  return channelIds[channel.toLowerCase()] ?? channelIdInUrl.exec(url)?.[2];
}

/** Of a price: below 100 dollars, below 10,000, or more. */
export function rankOf(price: number): 1 | 2 | 3 {
  if (price < 10_000) return 1;
  return price < 1_000_000 ? 2 : 3;
}

/** Of two bids for one auction, the winning one: the higher, of equal ones the earlier, of those the one that came first. */
export function higherBid<B extends { readonly price: number; readonly dateTime: number }>(first: B, second: B): B {
  if (first.price !== second.price) return first.price > second.price ? first : second;
  return second.dateTime < first.dateTime ? second : first;
}
