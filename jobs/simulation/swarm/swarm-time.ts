/**
 * What event time is in a swarm, and what windows and joins make of items: the same words in the job and in its model.
 *
 * What comes out is named so that nothing else is equal to it: each event in each of its windows is one item, each pair is one. Where
 * windows are cut by what has come (sessions that lost or repeat events, sources that are idle and come back), the name says the
 * event alone, and what comes late is one of them.
 */

import type { Guarantee } from "../../epochs/guarantee.ts";
import { idOf, shareOf } from "./swarm-item.ts";
import type { SwarmItem, SwarmTime, SwarmTimedStep } from "./swarm-plan.ts";

export type SwarmWindowStep = Extract<SwarmTimedStep, { readonly kind: "window" }>;
export type SwarmTableStep = Extract<SwarmTimedStep, { readonly kind: "table-join" }>;
export type SwarmJoinStep = Extract<SwarmTimedStep, { readonly kind: "interval-join" | "window-join" }>;

/** Event time of the first item of each source, in ms since the epoch. */
const startMs = 1_767_000_000_000;
/** Of a split in front of the one before. */
const splitMs = 40;

export function eventTimeOf({ stepMs, disorderMs, splitCount, apartMs = 0 }: SwarmTime, item: SwarmItem): number {
  const { seq } = item;
  const early = ((seq * 7_919) % 101) % (disorderMs + 1);
  return startMs + seq * stepMs + splitOf(splitCount, seq) * splitMs - early + shareOf(item) * apartMs;
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

/** An event that came too late, where sources are never idle; in the model only where it can. */
export function tooLate(item: SwarmItem): SwarmItem {
  return { ...item, lane: `${item.lane} too late` };
}

/**
 * Whether an event can be late where sources are never idle. Under at-most-once the state of `eventTime` is lost with a crash: it
 * may hear first of a split in front, by an event that was read before this one, and close the windows of this one by that.
 */
export function canBeLate(step: SwarmWindowStep, item: SwarmItem, time: SwarmTime, guarantee: Guarantee): boolean {
  if (guarantee !== "at-most-once") return false;
  const at = eventTimeOf(time, item);
  const start = step.form === "session" ? at : at - (at % step.slideMs);
  const closedBy = start + step.sizeMs + step.latenessMs + time.disorderMs;
  for (let seq = item.seq - 1; seq >= 0; seq -= 1) {
    if (splitOf(time.splitCount, seq) === splitOf(time.splitCount, item.seq)) continue;
    if (eventTimeOf(time, { ...item, seq }) >= closedBy) return true;
  }
  return false;
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
