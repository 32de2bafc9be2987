/**
 * FoldedEvents: events on their way to the instances that own their keys, put together by key until they are sent. What is held
 * is sent before any watermark, barrier or end that came behind it, so nothing of it is state.
 *
 * Entries stay from one sending to the next, and are found by index where keys are small whole numbers: a map takes longer to find one than
 * all the rest takes.
 *
 * Invariants
 *  G1, G2 of a partitioner (partitioner.ts). An event that cannot be put together is sent as it is: it fails where it would have.
 *  F2  what is held of a key is one accumulator, of events in the order in which they came.
 */

import type { Batch, Key } from "../batch.ts";
import type { BatchBuilder } from "../batch-builder.ts";
import { noOverflow, passedOutput } from "../cells/passer.ts";
import { foldedEntriesMax, localFoldedEntriesMax } from "../limits.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import type { SourceOutput } from "../source.ts";
import { type FoldBounds, FoldJudge } from "./fold-judge.ts";
import type { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import { checkKey, isNumbered, numberedKeysMax } from "./key-hash.ts";
import type { KeyOwners } from "./key-owners.ts";
import { KeyPartitioner, type Partitioner } from "./partitioner.ts";
import { type FoldPassing, passToFolds } from "./passed-to-folds.ts";
import type { PreAggregation } from "./pre-aggregation.ts";

export const betweenThreads: FoldBounds = { entriesMax: foldedEntriesMax, sentShareMax: 0.5, plainRunsMax: 256 };
/**
 * An accumulator that is handed over costs as much as several events are, and with many keys each is looked for twice. How many come between
 * two sendings is little at first, while the source is to find out how many it may read.
 */
export const withinThread: FoldBounds = { entriesMax: localFoldedEntriesMax, sentShareMax: 1 / 16, plainRunsMax: 64 };

/** What is held of one key. */
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
  readonly #bounds: FoldBounds;
  /** The way of events that are sent as they are. */
  readonly #plain: KeyPartitioner;
  readonly #owners: KeyOwners;
  /** They stay for the next round. */
  #entries = new Map<Key, FoldedEntry>();
  /** Those of them whose keys are small whole numbers, by these. */
  readonly #numbered = new Array<FoldedEntry | undefined>(numberedKeysMax).fill(undefined);
  #held: FoldedEntry[] = [];
  #round = 0;
  #eventCount = 0;
  readonly #judge: FoldJudge;
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
    aggregate: PreAggregation["aggregate"],
    bounds: FoldBounds,
  ) {
    this.#selector = selector;
    this.#bounds = bounds;
    this.#plain = new KeyPartitioner(selector, targetCount);
    this.#owners = this.#plain.owners;
    this.frequentKeys = this.#plain.frequentKeys;
    this.#aggregate = aggregate;
    this.#judge = new FoldJudge(bounds);
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
    if (this.#judge.sendsPlain(to - from)) return this.#routePlain(batch, from, to, targets);
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

  /** Where events without times are emitted one by one, between `startPassing` and `endPassing`. */
  passTo(targets: readonly BatchBuilder[], progress: Int32Array): SourceOutput<unknown> {
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
    if (this.#judge.sendsPlain(0)) return false;
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
    this.#judge.sent(this.#eventCount, taken.length);
    this.#held = [];
    this.#round += 1;
    this.#eventCount = 0;
    if (this.#entries.size >= this.#bounds.entriesMax) {
      this.#entries = new Map();
      this.#numbered.fill(undefined);
    }
    return taken;
  }

  #routePlain(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    try {
      this.#plain.route(batch, from, to, targets);
    } finally {
      this.failedAt = this.#plain.failedAt;
    }
  }

  /** False when the event was not taken in: its aggregate refuses it, or there is no room. */
  #fold(key: Key, value: unknown, time: number | undefined): boolean {
    const entry = this.#entryOf(key);
    if (entry === undefined) return false;
    const isTaken = addTo(entry, this.#aggregate, value, time);
    if (!isTaken) this.#withdraw(entry);
    return isTaken;
  }

  /** What an event of this key is added to; undefined where there is no room, or none can be made. */
  #entryOf(key: Key): FoldedEntry | undefined {
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
    if (isNumbered(key)) this.#numbered[key] = entry;
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
