/**
 * PanedFolds: events with times on their way to the instances that own their keys, put together by key and pane of event time until they are
 * sent. What is held is in arrays side by side, one set for each target, which leave as the batch that they are.
 *
 * Most events are in the newest pane: there small whole numbers are found by index, other keys in a map, which stays for what comes later.
 *
 * Invariants
 *  G1, G2 of a partitioner (partitioner.ts). An event that cannot be put together is sent as it is: it fails where it would have.
 *  F3  what is held of a key and a pane is one accumulator, of events in the order in which they came; of a small whole number it is two, one
 *      behind the other, where events came behind those of a newer pane.
 */

import type { Batch, Key } from "../batch.ts";
import type { BatchBuilder } from "../batch-builder.ts";
import { noOverflow, passedOutput } from "../cells/passer.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import type { SourceOutput } from "../source.ts";
import { type FoldBounds, FoldJudge } from "./fold-judge.ts";
import { FoldedColumns } from "./folded-columns.ts";
import type { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import { checkKey, isNumbered, numberedKeysMax } from "./key-hash.ts";
import type { KeyOwners } from "./key-owners.ts";
import { KeyPartitioner, type Partitioner } from "./partitioner.ts";
import { type PanePassing, passToPanes } from "./passed-to-panes.ts";
import { isTime, type Panes, type PreAggregation } from "./pre-aggregation.ts";

export class PanedFolds implements Partitioner {
  readonly #selector: KeySelector<unknown>;
  readonly #aggregate: PreAggregation["aggregate"];
  readonly #panes: Panes;
  readonly #owners: KeyOwners;
  readonly #columns: readonly FoldedColumns[];
  /** The newest pane: its start and its end. */
  readonly #newest = new Float64Array(2);
  /** In that pane: where keys are that are small whole numbers, and in whose columns. */
  readonly #places = new Int32Array(numberedKeysMax);
  readonly #targets = new Uint16Array(numberedKeysMax);
  /** The same for other keys. */
  #others = new Map<Key, number>();
  /** Of panes that are not the newest any more, by their starts. */
  readonly #older = new Map<number, Map<Key, number>>();
  #heldCount = 0;
  #eventCount = 0;
  readonly #bounds: FoldBounds;
  readonly #judge: FoldJudge;
  /** The way of events that are sent as they are. */
  readonly #plain: KeyPartitioner;
  readonly frequentKeys: FrequentKeys;
  failedAt = 0;
  readonly passing: PanePassing = {
    room: 0,
    count: 0,
    folded: 0,
    failure: undefined,
    overflow: noOverflow,
  };

  constructor(
    selector: KeySelector<unknown>,
    targetCount: number,
    aggregate: PreAggregation["aggregate"],
    panes: Panes,
    bounds: FoldBounds,
  ) {
    this.#selector = selector;
    this.#aggregate = aggregate;
    this.#panes = panes;
    this.#bounds = bounds;
    this.#judge = new FoldJudge(bounds);
    this.#plain = new KeyPartitioner(selector, targetCount);
    this.#owners = this.#plain.owners;
    this.frequentKeys = this.#plain.frequentKeys;
    this.#columns = Array.from({ length: targetCount }, () => new FoldedColumns());
    this.#forgetPanes();
  }

  /** Events that are held. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Whether no more can be held. */
  get isFull(): boolean {
    return this.#heldCount >= this.#bounds.entriesMax;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    if (this.#judge.sendsPlain(to - from)) return this.#routePlain(batch, from, to, targets);
    const { values, times } = batch;
    const selector = this.#selector;
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      const value = values[index];
      const key = selector(value);
      checkKey("keyBy", key);
      this.frequentKeys.note(key);
      const time = times?.[index];
      if (isTime(time) && this.#fold(key, value, time)) this.#eventCount += 1;
      else targets[this.#owners.ownerOf(key)]!.add(value, time, key);
    }
  }

  #routePlain(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    try {
      this.#plain.route(batch, from, to, targets);
    } finally {
      this.failedAt = this.#plain.failedAt;
    }
  }

  /** Where events are emitted one by one, between `startPassing` and `endPassing`. */
  passTo(targets: readonly BatchBuilder[]): SourceOutput<unknown> {
    const selector = this.#selector;
    const aggregate = this.#aggregate;
    const make = ownCopy(passToPanes, textsOf([selector, aggregate.add]));
    const emit = make(
      selector,
      aggregate,
      this.#columns,
      this.#newest,
      this.#places,
      this.#targets,
      this.passing,
      this.frequentKeys,
      checkKey,
      isNumbered,
      (key, value, time) => isTime(time) && this.#fold(key, value, time),
      (key, value, time) => targets[this.#owners.ownerOf(key)]!.add(value, time, key),
    );
    return passedOutput(emit, this.passing, true);
  }

  /** False while putting together does not pay. */
  startPassing(room: number, _told: number, overflow: SourceOutput<unknown>): boolean {
    if (this.#judge.sendsPlain(0)) return false;
    Object.assign(this.passing, { room, count: 0, folded: 0, failure: undefined, overflow });
    return true;
  }

  endPassing(): void {
    this.passing.room = 0;
    this.#eventCount += this.passing.folded;
  }

  /** Everything that is held, by target, in the order of first events, taken out. */
  take(): readonly (Batch | undefined)[] {
    this.#judge.sent(this.#eventCount, this.#heldCount);
    this.#heldCount = 0;
    this.#eventCount = 0;
    this.#forgetPanes();
    return this.#columns.map((columns) => columns.take());
  }

  /** False when the event was not taken in: its aggregate refuses it, or there is no room. */
  #fold(key: Key, value: unknown, time: number): boolean {
    const columns = this.#columns[this.#owners.ownerOf(key)]!;
    const place = this.#placeOf(key, time, columns);
    if (place < 0) return false;
    const isTaken = columns.add(place, this.#aggregate, value, time);
    if (!isTaken && columns.withdraw(place)) this.#heldCount -= 1;
    return isTaken;
  }

  /** Where an event of this key and time is added; -1 where there is no room, or no accumulator can be made. */
  #placeOf(key: Key, time: number, columns: FoldedColumns): number {
    if (time >= this.#newest[1]!) this.#enter(time);
    const start = this.#newest[0]!;
    if (time < start) return this.#olderPlaceOf(key, time, columns);
    if (isNumbered(key)) {
      const place = this.#places[key]!;
      if (columns.holds(place, key, start)) return place;
      const added = this.#newPlace(key, time, start, columns);
      this.#places[key] = added;
      this.#targets[key] = this.#owners.ownerOf(key);
      return added;
    }
    const place = this.#others.get(key);
    if (place !== undefined && columns.holds(place, key, start)) return place;
    const added = this.#newPlace(key, time, start, columns);
    this.#others.set(key, added);
    return added;
  }

  #olderPlaceOf(key: Key, time: number, columns: FoldedColumns): number {
    const { start } = this.#panes.at(time);
    const known = this.#older.get(start);
    const places = known ?? new Map<Key, number>();
    if (known === undefined) this.#older.set(start, places);
    const place = places.get(key);
    if (place !== undefined && columns.holds(place, key, start)) return place;
    const added = this.#newPlace(key, time, start, columns);
    places.set(key, added);
    return added;
  }

  #newPlace(key: Key, time: number, start: number, columns: FoldedColumns): number {
    if (this.isFull) return -1;
    try {
      const place = columns.begin(key, this.#aggregate.create(), time, start);
      this.#heldCount += 1;
      return place;
    } catch {
      return -1;
    }
  }

  #enter(time: number): void {
    const { start, end } = this.#panes.at(time);
    this.#older.set(this.#newest[0]!, this.#others);
    this.#newest[0] = start;
    this.#newest[1] = end;
    this.#others = new Map();
  }

  #forgetPanes(): void {
    this.#newest.fill(Number.NEGATIVE_INFINITY);
    this.#others = new Map();
    this.#older.clear();
  }
}
