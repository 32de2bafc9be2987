/**
 * PanedFolds: events with times that are put together by key and pane of event time. What is held is in arrays side by side, one set for each
 * target, which leave as the batch that they are.
 *
 * Most events are in the newest pane: there small whole numbers are found by index, other keys in a map, which stays for what comes later.
 *
 * Invariants
 *  F3  what is held of a key and a pane is one accumulator, of events in the order in which they came; of a small whole number it is two, one
 *      behind the other, where events came behind those of a newer pane.
 */

import type { Batch, Key } from "../batch.ts";
import type { BatchBuilder } from "../batch-builder.ts";
import { noOverflow, passedOutput } from "../cells/passer.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import type { SourceOutput } from "../source.ts";
import type { FoldBounds } from "./fold-judge.ts";
import { FoldedColumns } from "./folded-columns.ts";
import { type FoldPassing, Folds } from "./folds.ts";
import type { KeySelector } from "./grouping.ts";
import { checkKey, isNumbered, numberedKeysMax } from "./key-hash.ts";
import { passToPanes } from "./passed-to-panes.ts";
import { isTime, type Panes, type PreAggregation } from "./pre-aggregation.ts";

export class PanedFolds extends Folds {
  readonly isTimed = true;
  readonly passing: FoldPassing = { room: 0, count: 0, folded: 0, failure: undefined, overflow: noOverflow };
  protected heldCount = 0;
  readonly #panes: Panes;
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

  constructor(
    selector: KeySelector<unknown>,
    targetCount: number,
    aggregate: PreAggregation["aggregate"],
    panes: Panes,
    bounds: FoldBounds,
  ) {
    super(selector, targetCount, aggregate, bounds);
    this.#panes = panes;
    this.#columns = Array.from({ length: targetCount }, () => new FoldedColumns());
    this.#forgetPanes();
  }

  protected fold(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    const { values, times } = batch;
    const { selector } = this;
    for (let index = from; index < to; index += 1) {
      this.failedAt = index;
      const value = values[index];
      const key = selector(value);
      checkKey("keyBy", key);
      this.frequentKeys.note(key);
      const time = times?.[index];
      if (isTime(time) && this.#fold(key, value, time)) this.heldEvents += 1;
      else targets[this.owners.ownerOf(key)]!.add(value, time, key);
    }
  }

  passTo(targets: readonly BatchBuilder[]): SourceOutput<unknown> {
    const { selector, aggregate } = this;
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
      (key, value, time) => targets[this.owners.ownerOf(key)]!.add(value, time, key),
    );
    return passedOutput(emit, this.passing, true);
  }

  protected takeHeld(): readonly (Batch | undefined)[] {
    this.heldCount = 0;
    this.#forgetPanes();
    return this.#columns.map((columns) => columns.take());
  }

  /** False when the event was not taken in: its aggregate refuses it, or there is no room. */
  #fold(key: Key, value: unknown, time: number): boolean {
    const columns = this.#columns[this.owners.ownerOf(key)]!;
    const place = this.#placeOf(key, time, columns);
    if (place < 0) return false;
    const isTaken = columns.add(place, this.aggregate, value, time);
    if (!isTaken && columns.withdraw(place)) this.heldCount -= 1;
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
      this.#targets[key] = this.owners.ownerOf(key);
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
      const place = columns.begin(key, this.aggregate.create(), time, start);
      this.heldCount += 1;
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
