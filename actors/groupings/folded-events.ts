/**
 * FoldedEvents: events on their way to the instances that own their keys, put together by key and pane until they are sent. What is held
 * is sent before any watermark, barrier or end that came behind it, so nothing of it is state.
 *
 * Putting together pays where many events of a key come between two sendings. Where they do not, it is left for a while, and then
 * tried again: after twice as long each time that it still does not.
 *
 * Entries of operators without panes, such as counts, stay from one sending to the next, and are found by index where keys are small whole
 * numbers: a map takes longer to find one than all the rest takes.
 *
 * Invariants
 *  G1, G2 of a partitioner (partitioner.ts). An event that cannot be put together is sent as it is: it fails where it would have.
 *  F2  what is held of a key and a pane is one accumulator, of events in the order in which they came.
 */

import type { Batch, Key } from "../batch.ts";
import type { BatchBuilder } from "../batch-builder.ts";
import { foldedEntriesMax } from "../limits.ts";
import type { Window } from "../windows/aligned-windows.ts";
import { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import { checkKey } from "./key-hash.ts";
import { KeyOwners } from "./key-owners.ts";
import type { Partitioner } from "./partitioner.ts";
import { isTime, type Panes, type PreAggregation } from "./pre-aggregation.ts";

/** What is held of one key in one pane. */
export interface FoldedEntry {
  readonly key: Key;
  /** The instance that owns the key. */
  readonly target: number;
  accumulator: unknown;
  /** How many events are in it. */
  count: number;
  /** Of the newest of them. */
  time: number | undefined;
  /** Since which `take` it holds that: what it holds of another one was sent. */
  round: number;
}

export class FoldedEvents implements Partitioner {
  readonly #selector: KeySelector<unknown>;
  readonly #aggregate: PreAggregation["aggregate"];
  readonly #panes: Panes | undefined;
  readonly #owners: KeyOwners;
  /** By the starts of their panes. Without panes there is one, whose entries stay for the next round. */
  readonly #entriesOf = new Map<number, Map<Key, FoldedEntry>>();
  #pane: Window = noPane;
  #entries = new Map<Key, FoldedEntry>();
  /** Without panes: those of them whose keys are small whole numbers, by these. */
  readonly #numbered: (FoldedEntry | undefined)[];
  #held: FoldedEntry[] = [];
  #round = 0;
  #eventCount = 0;
  /** Events that were put together, and of how many accumulators they were sent, since it was last judged whether that pays. */
  #triedEvents = 0;
  #triedSent = 0;
  /** Events that are still to be sent as they are, because putting together did not pay. */
  #plainEvents = 0;
  #plainRuns = plainRunsMin;
  readonly frequentKeys = new FrequentKeys();
  failedAt = 0;

  constructor(selector: KeySelector<unknown>, targetCount: number, { aggregate, panes }: PreAggregation) {
    this.#selector = selector;
    this.#aggregate = aggregate;
    this.#panes = panes?.();
    this.#numbered = new Array(panes === undefined ? numberedKeysMax : 0).fill(undefined);
    this.#owners = new KeyOwners(targetCount);
  }

  /** Events that are held. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Whether no more can be held. */
  get isFull(): boolean {
    return this.#held.length >= foldedEntriesMax;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    if (this.#plainEvents > 0) {
      this.#plainEvents -= to - from;
      return this.#routePlain(batch, from, to, targets);
    }
    const { values, times } = batch;
    const selector = this.#selector;
    const frequent = this.frequentKeys;
    const numbered = this.#numbered;
    const aggregate = this.#aggregate;
    const round = this.#round;
    let folded = 0;
    try {
      for (let index = from; index < to; index += 1) {
        this.failedAt = index;
        const value = values[index];
        const key = selector(value);
        checkKey("keyBy", key);
        frequent.note(key);
        const time = times?.[index];
        const known = isNumbered(key) ? numbered[key] : undefined;
        if (known?.round === round ? addTo(known, aggregate, value, time) : this.#fold(key, value, time)) folded += 1;
        else targets[this.#owners.ownerOf(key)]!.add(value, time, key);
      }
    } finally {
      this.#eventCount += folded;
    }
  }

  /** Everything that is held, in the order of first events, taken out; the entries are the caller's until the next `route`. */
  take(): readonly FoldedEntry[] {
    const taken = this.#held;
    this.#triedEvents += this.#eventCount;
    this.#triedSent += taken.length;
    if (this.#triedEvents >= judgedEventsMin) this.#judge();
    this.#held = [];
    this.#round += 1;
    this.#eventCount = 0;
    if (this.#panes !== undefined || this.#entries.size >= foldedEntriesMax) {
      this.#entriesOf.clear();
      this.#numbered.fill(undefined);
      this.#pane = noPane;
    }
    return taken;
  }

  #judge(): void {
    if (this.#triedSent > this.#triedEvents * sentShareMax) {
      this.#plainEvents = this.#triedEvents * this.#plainRuns;
      this.#plainRuns = Math.min(2 * this.#plainRuns, plainRunsMax);
    } else this.#plainRuns = plainRunsMin;
    this.#triedEvents = 0;
    this.#triedSent = 0;
  }

  #routePlain({ values, times }: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    const selector = this.#selector;
    const owners = this.#owners;
    const frequent = this.frequentKeys;
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      const value = values[index];
      const key = selector(value);
      checkKey("keyBy", key);
      frequent.note(key);
      targets[owners.ownerOf(key)]!.add(value, times?.[index], key);
    }
  }

  /** False when the event was not taken in: it has no time where it needs one, its aggregate refuses it, or there is no room. */
  #fold(key: Key, value: unknown, time: number | undefined): boolean {
    const pane = this.#pane;
    if (this.#panes === undefined) {
      if (pane === noPane) this.#enter(allTime);
    } else {
      if (!isTime(time)) return false;
      if (time < pane.start || time >= pane.end) this.#enter(this.#panes.at(time));
    }
    const entry = this.#entries.get(key);
    if (entry?.round === this.#round) return addTo(entry, this.#aggregate, value, time);
    return !this.isFull && this.#begin(entry, key, value, time);
  }

  #enter(pane: Window): void {
    this.#pane = pane;
    const known = this.#entriesOf.get(pane.start);
    this.#entries = known ?? new Map();
    if (known === undefined) this.#entriesOf.set(pane.start, this.#entries);
  }

  /** @param known what was held of the key before, and was sent */
  #begin(known: FoldedEntry | undefined, key: Key, value: unknown, time: number | undefined): boolean {
    const aggregate = this.#aggregate;
    const target = known?.target ?? this.#owners.ownerOf(key);
    const entry = known ?? { key, target, accumulator: undefined, count: 0, time, round: -1 };
    entry.count = 0;
    try {
      entry.accumulator = aggregate.create();
    } catch {
      return false;
    }
    if (!addTo(entry, aggregate, value, time)) return false;
    entry.round = this.#round;
    this.#held.push(entry);
    if (known !== undefined) return true;
    this.#entries.set(key, entry);
    if (this.#panes === undefined && isNumbered(key)) this.#numbered[key] = entry;
    return true;
  }
}

/** False when the aggregate refuses the event. */
function addTo(
  entry: FoldedEntry,
  aggregate: PreAggregation["aggregate"],
  value: unknown,
  time: number | undefined,
): boolean {
  try {
    entry.accumulator = aggregate.add(entry.accumulator, value, time);
  } catch {
    return false;
  }
  entry.count += 1;
  entry.time = time;
  return true;
}

const noPane: Window = { start: 0, end: 0 };
const allTime: Window = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
/** With fewer events it is not asked whether putting together pays. */
const judgedEventsMin = 512;
/** It pays while no larger share of the events has to be sent. */
const sentShareMax = 0.5;
/** Where it does not, so many times as many events are sent as they are, at first and at most. */
const plainRunsMin = 16;
const plainRunsMax = 256;

function isNumbered(key: Key): key is number {
  return typeof key === "number" && key >= 0 && key < numberedKeysMax && (key | 0) === key;
}

const numberedKeysMax = 4_096;
