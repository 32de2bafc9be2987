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
import { noOverflow, passedOutput } from "../cells/passer.ts";
import { foldedEntriesMax, localFoldedEntriesMax } from "../limits.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import type { SourceOutput } from "../source.ts";
import type { Window } from "../windows/aligned-windows.ts";
import type { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import { checkKey } from "./key-hash.ts";
import type { KeyOwners } from "./key-owners.ts";
import { KeyPartitioner, type Partitioner } from "./partitioner.ts";
import { type FoldPassing, passToFolds } from "./passed-to-folds.ts";
import { isTime, type Panes, type PreAggregation } from "./pre-aggregation.ts";

/** When putting together pays. */
export interface FoldBounds {
  /** Keys and panes that are held at most; with more they are sent at once. */
  readonly entriesMax: number;
  /** It pays while no larger share of the events has to be sent. */
  readonly sentShareMax: number;
  /** Where it does not, so many times as many events are sent as they are, at most. */
  readonly plainRunsMax: number;
}

export const betweenThreads: FoldBounds = { entriesMax: foldedEntriesMax, sentShareMax: 0.5, plainRunsMax: 256 };
/**
 * An accumulator that is handed over costs as much as several events are, and with many keys each is looked for twice. How many come between
 * two sendings is little at first, while the source is to find out how many it may read.
 */
export const withinThread: FoldBounds = { entriesMax: localFoldedEntriesMax, sentShareMax: 1 / 16, plainRunsMax: 64 };

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
  readonly #bounds: FoldBounds;
  /** The way of events that are sent as they are. */
  readonly #plain: KeyPartitioner;
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
  readonly frequentKeys: FrequentKeys;
  failedAt = 0;
  /** Of events that come one by one. */
  readonly passing: FoldPassing = {
    room: 0,
    count: 0,
    folded: 0,
    told: 0,
    round: 0,
    failure: undefined,
    overflow: noOverflow,
  };

  constructor(
    selector: KeySelector<unknown>,
    targetCount: number,
    { aggregate, panes }: PreAggregation,
    bounds: FoldBounds,
  ) {
    this.#selector = selector;
    this.#bounds = bounds;
    this.#plain = new KeyPartitioner(selector, targetCount);
    this.#owners = this.#plain.owners;
    this.frequentKeys = this.#plain.frequentKeys;
    this.#aggregate = aggregate;
    this.#panes = panes?.();
    this.#numbered = new Array(panes === undefined ? numberedKeysMax : 0).fill(undefined);
  }

  /** Events that are held. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Whether no more can be held. */
  get isFull(): boolean {
    return this.#held.length >= this.#bounds.entriesMax;
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

  /** Where events without times can be emitted one by one, between `startPassing` and `endPassing`; undefined where they need times. */
  passTo(targets: readonly BatchBuilder[], progress: Int32Array): SourceOutput<unknown> | undefined {
    if (this.#panes !== undefined) return undefined;
    const selector = this.#selector;
    const aggregate = this.#aggregate;
    const entryOf = (key: Key) => this.#entryOf(key);
    const refuse = (key: Key, value: unknown, entry: FoldedEntry | undefined) => {
      if (entry !== undefined) this.#withdraw(entry);
      targets[this.#owners.ownerOf(key)]!.add(value, undefined, key);
    };
    const make = ownCopy(passToFolds, textsOf([selector, aggregate.add]));
    const emit = make(
      selector,
      aggregate,
      this.#numbered,
      this.passing,
      progress,
      this.frequentKeys,
      checkKey,
      isNumbered,
      entryOf,
      refuse,
    );
    return passedOutput(emit, this.passing, true);
  }

  /** False while putting together does not pay. */
  startPassing(room: number, told: number, overflow: SourceOutput<unknown>): boolean {
    if (this.#plainEvents > 0) return false;
    Object.assign(this.passing, { room, count: 0, folded: 0, told, round: this.#round, failure: undefined, overflow });
    return true;
  }

  endPassing(): void {
    this.passing.room = 0;
    this.#eventCount += this.passing.folded;
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
    if (this.#panes !== undefined || this.#entries.size >= this.#bounds.entriesMax) {
      this.#entriesOf.clear();
      this.#numbered.fill(undefined);
      this.#pane = noPane;
    }
    return taken;
  }

  #judge(): void {
    if (this.#triedSent > this.#triedEvents * this.#bounds.sentShareMax) {
      this.#plainEvents = this.#triedEvents * this.#plainRuns;
      this.#plainRuns = Math.min(2 * this.#plainRuns, this.#bounds.plainRunsMax);
    } else this.#plainRuns = plainRunsMin;
    this.#triedEvents = 0;
    this.#triedSent = 0;
  }

  #routePlain(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    try {
      this.#plain.route(batch, from, to, targets);
    } finally {
      this.failedAt = this.#plain.failedAt;
    }
  }

  /** False when the event was not taken in: it has no time where it needs one, its aggregate refuses it, or there is no room. */
  #fold(key: Key, value: unknown, time: number | undefined): boolean {
    const pane = this.#pane;
    if (this.#panes !== undefined) {
      if (!isTime(time)) return false;
      if (time < pane.start || time >= pane.end) this.#enter(this.#panes.at(time));
    }
    const entry = this.#entryOf(key);
    if (entry === undefined) return false;
    const isTaken = addTo(entry, this.#aggregate, value, time);
    if (!isTaken) this.#withdraw(entry);
    return isTaken;
  }

  #enter(pane: Window): void {
    this.#pane = pane;
    const known = this.#entriesOf.get(pane.start);
    this.#entries = known ?? new Map();
    if (known === undefined) this.#entriesOf.set(pane.start, this.#entries);
  }

  /** What an event of this key, in the pane in hand, is added to; undefined where there is no room, or none can be made. */
  #entryOf(key: Key): FoldedEntry | undefined {
    if (this.#panes === undefined && this.#pane === noPane) this.#enter(allTime);
    const known = this.#entries.get(key);
    if (known?.round === this.#round) return known;
    if (this.isFull) return undefined;
    let accumulator: unknown;
    try {
      accumulator = this.#aggregate.create();
    } catch {
      return undefined;
    }
    const target = known?.target ?? this.#owners.ownerOf(key);
    const entry = known ?? { key, target, accumulator, count: 0, time: undefined, round: -1 };
    entry.accumulator = accumulator;
    entry.count = 0;
    entry.round = this.#round;
    this.#held.push(entry);
    if (known !== undefined) return entry;
    this.#entries.set(key, entry);
    if (this.#panes === undefined && isNumbered(key)) this.#numbered[key] = entry;
    return entry;
  }

  /** An entry that was refused its first event is the last one that is held. */
  #withdraw(entry: FoldedEntry): void {
    if (entry.count > 0) return;
    this.#held.pop();
    entry.round = -1;
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
/** Where it does not pay, so many times as many events are sent as they are, at first. */
const plainRunsMin = 16;

function isNumbered(key: Key): key is number {
  return typeof key === "number" && key >= 0 && key < numberedKeysMax && (key | 0) === key;
}

const numberedKeysMax = 4_096;
