/**
 * What event time is in a swarm, and what windows and joins make of items: the same words in the job and in its model.
 *
 * What comes out is named so that nothing else is equal to it: each event in each of its windows is one item, each pair is one. Where
 * windows are cut by what has come (sessions that lost or repeat events, sources that are idle and come back), the name says the
 * event alone, and what comes late is one of them.
 */

import type { Guarantee } from "../../epochs/guarantee.ts";
import { idOf } from "./swarm-item.ts";
import type { SwarmItem, SwarmTime, SwarmTimedStep } from "./swarm-plan.ts";

export type SwarmWindowStep = Extract<SwarmTimedStep, { readonly kind: "window" }>;
export type SwarmTableStep = Extract<SwarmTimedStep, { readonly kind: "table-join" }>;
export type SwarmJoinStep = Exclude<SwarmTimedStep, SwarmWindowStep | SwarmTableStep>;

/** Event time of the first item of each source, in ms since the epoch. */
const startMs = 1_767_000_000_000;
/** Of a split in front of the one before. */
const splitMs = 40;

export function eventTimeOf({ stepMs, disorderMs, splitCount }: SwarmTime, { seq }: SwarmItem): number {
  const early = ((seq * 7_919) % 101) % (disorderMs + 1);
  return startMs + seq * stepMs + splitOf(splitCount, seq) * splitMs - early;
}

export function splitOf(splitCount: number, seq: number): number {
  return seq % splitCount;
}

/** What windows are called: by their bounds and what they hold, by their start, or not at all. */
export type WindowNames = "whole" | "start" | "none";

export function windowNames({ form, earlyEvery }: SwarmWindowStep, time: SwarmTime, guarantee: Guarantee): WindowNames {
  if (time.idleAfterMs !== undefined) return "none";
  if (guarantee !== "exactly-once") return form === "session" ? "none" : "start";
  if (earlyEvery === undefined) return "whole";
  return form === "session" ? "none" : "start";
}

/** An event in a window. */
export function inWindow(item: SwarmItem, names: WindowNames, start: number, end: number, count: number): SwarmItem {
  const own = { ...item, counts: [] };
  if (names === "none") return own;
  const at = `${item.lane}@${start - startMs}`;
  return { ...own, lane: names === "start" ? at : `${at}+${end - start}:${count}` };
}

/** An event that came too late, where none can; it is in no model. */
export function tooLate(item: SwarmItem): SwarmItem {
  return { ...item, lane: `${item.lane} too late` };
}

/** A pair, or an event without a partner. */
export function joined(left: SwarmItem | undefined, right: SwarmItem | undefined): SwarmItem {
  const name = (item: SwarmItem | undefined) => (item === undefined ? "-" : idOf(item));
  return { key: `${name(left)} ${name(right)}`, seq: 0, lane: "", counts: [] };
}

/** An event and whether there is a row for it, which is known where none is lost. */
export function withRow(item: SwarmItem, hasRow: boolean, guarantee: Guarantee): SwarmItem {
  const isKnown = guarantee !== "at-most-once";
  return { ...item, lane: isKnown && !hasRow ? `${item.lane} without a row` : item.lane, counts: [] };
}

export function joinKey({ keyCount }: SwarmJoinStep | SwarmTableStep, { seq }: SwarmItem): number {
  return seq % keyCount;
}
