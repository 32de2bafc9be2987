/** What the steps of a swarm do to items, in the job and in its model. */

import type { SwarmItem, SwarmSource } from "./swarm-plan.ts";

export function itemOf({ name, keyCount }: SwarmSource, instance: number, seq: number): SwarmItem {
  return { key: `${name}.${instance}/${seq % keyCount}`, seq, lane: "", counts: [] };
}

/** Whether a filter keeps an item. */
export function isKept({ seq }: SwarmItem, modulo: number): boolean {
  return seq % modulo !== 0;
}

export function inLane(item: SwarmItem, letter: string): SwarmItem {
  return { ...item, lane: item.lane + letter };
}

/** @param count of its key and lane, with it */
export function counted(item: SwarmItem, count: number): SwarmItem {
  return { ...item, counts: [...item.counts, count] };
}

/** How long a call takes that is made for an item. */
export function callMsOf({ seq }: SwarmItem): number {
  return (seq * 7) % 9;
}

/** More than an operator counts: it adds that when it finds state that was removed, or does not find what was not. */
export const ghostCount = 1_000_001;

/** The source instance whose key it has. */
export function instanceOf({ key }: SwarmItem): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** The number of the source instance whose key it has. */
export function shareOf({ key }: SwarmItem): number {
  return Number(key.slice(key.lastIndexOf(".") + 1, key.lastIndexOf("/")));
}

/** Names an item within a sink. */
export function idOf({ key, seq, lane }: SwarmItem): string {
  return `${key}#${seq}${lane}`;
}
