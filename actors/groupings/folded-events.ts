/**
 * FoldedEvents: events that are put together by key alone.
 *
 * Entries stay from one sending to the next, and are found by index where keys are small whole numbers: a map takes longer to find one than
 * all the rest takes.
 *
 * Invariants
 *  F2  what is held of a key is one accumulator, of events in the order in which they came.
 */

import type { Batch, Key } from "../batch.ts";
import type { BatchBuilder } from "../batch-builder.ts";
import { noOverflow, passedOutput } from "../cells/passer.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import type { SourceOutput } from "../source.ts";
import { Folds } from "./folds.ts";
import { checkKey, isNumbered, numberedKeysMax } from "./key-hash.ts";
import { type EntryPassing, passToFolds } from "./passed-to-folds.ts";
import type { PreAggregation } from "./pre-aggregation.ts";

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

/** The accumulators of one target, with their keys and how many events are in each. */
interface OwnBatch {
  readonly values: unknown[];
  readonly times: number[] | undefined;
  readonly keys: Key[];
  readonly counts: number[];
}

export class FoldedEvents extends Folds {
  readonly isTimed = false;
  /** Of events that come one by one. */
  readonly passing: EntryPassing = {
    room: 0,
    count: 0,
    folded: 0,
    told: 0,
    round: 0,
    failure: undefined,
    overflow: noOverflow,
  };
  /** They stay for the next round. */
  #entries = new Map<Key, FoldedEntry>();
  /** Those of them whose keys are small whole numbers, by these. */
  readonly #numbered = new Array<FoldedEntry | undefined>(numberedKeysMax).fill(undefined);
  #held: FoldedEntry[] = [];
  #round = 0;
  #progress: Int32Array = new Int32Array(1);

  protected get heldCount(): number {
    return this.#held.length;
  }

  protected fold(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    const { values, times } = batch;
    const { selector, aggregate } = this;
    const frequent = this.frequentKeys;
    const numbered = this.#numbered;
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
        else targets[this.owners.ownerOf(key)]!.add(value, time, key);
      }
    } finally {
      this.heldEvents += folded;
    }
  }

  passTo(targets: readonly BatchBuilder[], progress: Int32Array): SourceOutput<unknown> {
    const { selector, aggregate } = this;
    this.#progress = progress;
    const entryOf = (key: Key) => this.#entryOf(key);
    const refuse = (key: Key, value: unknown, entry: FoldedEntry | undefined) => {
      if (entry !== undefined) this.#withdraw(entry);
      targets[this.owners.ownerOf(key)]!.add(value, undefined, key);
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

  override startPassing(room: number, overflow: SourceOutput<unknown>): boolean {
    this.passing.told = this.#progress[0]!;
    this.passing.round = this.#round;
    return super.startPassing(room, overflow);
  }

  protected takeHeld(): readonly (Batch | undefined)[] {
    const batches: (OwnBatch | undefined)[] = [];
    for (const { target, accumulator, time, key, count } of this.#held) {
      batches[target] ??= { values: [], times: time === undefined ? undefined : [], keys: [], counts: [] };
      const { values, times, keys, counts } = batches[target];
      values.push(accumulator);
      if (time !== undefined) times?.push(time);
      keys.push(key);
      counts.push(count);
    }
    this.#startRound();
    return batches;
  }

  #startRound(): void {
    this.#held = [];
    this.#round += 1;
    if (this.#entries.size < this.bounds.entriesMax) return;
    this.#entries = new Map();
    this.#numbered.fill(undefined);
  }

  /** False when the event was not taken in: its aggregate refuses it, or there is no room. */
  #fold(key: Key, value: unknown, time: number | undefined): boolean {
    const entry = this.#entryOf(key);
    if (entry === undefined) return false;
    const isTaken = addTo(entry, this.aggregate, value, time);
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
      accumulator = this.aggregate.create();
    } catch {
      return undefined;
    }
    const target = known?.target ?? this.owners.ownerOf(key);
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
