/**
 * FoldedEvents: events on their way to the instances that own their keys, put together by key and pane until they are sent. What is held
 * is sent before any watermark, barrier or end that came behind it, so nothing of it is state.
 *
 * Putting together pays where many events of a key come between two sendings. Where they do not, it is left for a while, and then
 * tried again.
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
}

export class FoldedEvents implements Partitioner {
  readonly #selector: KeySelector<unknown>;
  readonly #aggregate: PreAggregation["aggregate"];
  readonly #panes: Panes | undefined;
  readonly #owners: KeyOwners;
  /** By the starts of their panes. */
  readonly #entriesOf = new Map<number, Map<Key, FoldedEntry>>();
  #pane: Window = noPane;
  #entries = new Map<Key, FoldedEntry>();
  #entryCount = 0;
  #eventCount = 0;
  /** Events that are still to be sent as they are, because putting together did not pay. */
  #plainEvents = 0;
  readonly frequentKeys = new FrequentKeys();
  failedAt = 0;

  constructor(selector: KeySelector<unknown>, targetCount: number, { aggregate, panes }: PreAggregation) {
    this.#selector = selector;
    this.#aggregate = aggregate;
    this.#panes = panes?.();
    this.#owners = new KeyOwners(targetCount);
  }

  /** Events that are held. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Whether no more can be held. */
  get isFull(): boolean {
    return this.#entryCount >= foldedEntriesMax;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    const { values, times } = batch;
    const selector = this.#selector;
    const frequent = this.frequentKeys;
    const isPlain = this.#plainEvents > 0;
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      const value = values[index];
      const key = selector(value);
      checkKey("keyBy", key);
      frequent.note(key);
      if (isPlain || !this.#fold(key, value, times?.[index])) {
        targets[this.#owners.ownerOf(key)]!.add(value, times?.[index], key);
      }
    }
    if (isPlain) this.#plainEvents -= to - from;
  }

  /** Everything that is held, taken out; entries of one key and pane in the order of their first events. */
  take(): readonly FoldedEntry[] {
    const taken: FoldedEntry[] = [];
    for (const entries of this.#entriesOf.values()) for (const entry of entries.values()) taken.push(entry);
    if (this.#eventCount >= judgedEventsMin && taken.length > this.#eventCount * sentShareMax) {
      this.#plainEvents = this.#eventCount * plainRuns;
    }
    this.#entriesOf.clear();
    this.#pane = noPane;
    this.#entryCount = 0;
    this.#eventCount = 0;
    return taken;
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
    if (entry === undefined && this.isFull) return false;
    try {
      const aggregate = this.#aggregate;
      if (entry === undefined) this.#begin(key, aggregate.add(aggregate.create(), value, time), time);
      else entry.accumulator = aggregate.add(entry.accumulator, value, time);
    } catch {
      return false;
    }
    if (entry !== undefined) {
      entry.count += 1;
      entry.time = time;
    }
    this.#eventCount += 1;
    return true;
  }

  #enter(pane: Window): void {
    this.#pane = pane;
    const known = this.#entriesOf.get(pane.start);
    this.#entries = known ?? new Map();
    if (known === undefined) this.#entriesOf.set(pane.start, this.#entries);
  }

  #begin(key: Key, accumulator: unknown, time: number | undefined): void {
    this.#entries.set(key, { key, target: this.#owners.ownerOf(key), accumulator, count: 1, time });
    this.#entryCount += 1;
  }
}

const noPane: Window = { start: 0, end: 0 };
const allTime: Window = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
/** With fewer events it is not asked whether putting together pays. */
const judgedEventsMin = 512;
/** It pays while no larger share of the events has to be sent. */
const sentShareMax = 0.5;
/** Where it does not, so many times as many events are sent as they are. */
const plainRuns = 16;
