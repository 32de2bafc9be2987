/**
 * What patterns are in a swarm, and what is made of their matches: the same words in the job and in its model.
 *
 * Events of one time are matched in the order in which they came, which no model knows. So a partner has to be behind its event,
 * and in threes there are no two of one time.
 */

import { type Pattern, pattern } from "../../../actors/index.ts";
import { idOf } from "./swarm-item.ts";
import type { SwarmItem, SwarmTime, SwarmTimedStep } from "./swarm-plan.ts";
import { eventTimeOf, joined } from "./swarm-time.ts";

export type SwarmMatchStep = Extract<SwarmTimedStep, { readonly kind: "match" }>;

interface Captured {
  readonly first: readonly SwarmItem[];
  readonly second?: readonly SwarmItem[] | undefined;
}

export function patternOf({ form, withinMs, stride }: SwarmMatchStep, time: SwarmTime): Pattern<SwarmItem, Captured> {
  const isSecond = (item: SwarmItem, { first }: { readonly first: readonly SwarmItem[] }): boolean =>
    arePartners(stride, time, first[0] as SwarmItem, item);
  const begun = pattern<SwarmItem>().begin("first", () => true);
  switch (form) {
    case "pairs":
      return begun.followedBy("second", isSecond).within(withinMs).afterMatch("noSkip");
    case "alone":
      return begun.notFollowedBy("second", isSecond).within(withinMs).afterMatch("noSkip");
    case "threes":
      return begun.times(countOfThree);
  }
}

/** What a match is told as, or what ran out of time. */
export function matched({ captured: { first = [], second } }: { readonly captured: Partial<Captured> }): SwarmItem {
  return first.length === countOfThree ? three(first) : joined(first[0], second?.[0]);
}

export function three(items: readonly SwarmItem[]): SwarmItem {
  return { key: items.map(idOf).join(" "), seq: 0, lane: "", counts: [] };
}

/** Whether the second one is the partner of the first, if it comes in time: so far behind by its number, and behind by its time. */
export function arePartners(stride: number, time: SwarmTime, first: SwarmItem, second: SwarmItem): boolean {
  return second.seq === first.seq + stride && eventTimeOf(time, second) > eventTimeOf(time, first);
}

export function matchKey({ form }: SwarmMatchStep, item: SwarmItem, time: SwarmTime): string {
  const { key, lane } = item;
  if (form === "threes") return `${key} ${lane} ${beforeAtTime(item, time)}`;
  return `${key.slice(0, key.lastIndexOf("/"))} ${lane}`;
}

/** How many of the items before it at its source instance have its time. */
function beforeAtTime(item: SwarmItem, time: SwarmTime): number {
  const at = eventTimeOf(time, item);
  let count = 0;
  for (let seq = Math.max(0, item.seq - seqsOfTimeMax); seq < item.seq; seq += 1) {
    if (eventTimeOf(time, { ...item, seq }) === at) count += 1;
  }
  return count;
}

export const countOfThree = 3;
/** Further apart no two items of a source instance have one time. */
const seqsOfTimeMax = 200;
