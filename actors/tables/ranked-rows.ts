/**
 * RankedRows: the rows of one group in order, and which of them are among the first N. Tied rows are numbered in the order of
 * their arrival (`row-number`), or have one rank, behind which the next is as far as there are rows (`rank`: 1, 1, 3), or the
 * next one (`dense-rank`: 1, 1, 2).
 *
 * All rows of the group are kept, because when one goes the next takes its place. What is shown is known from the rows alone.
 *
 * Invariants
 *  N1  the shown rows are those whose rank is above `offset` and at most `offset + count`.
 *  N2  changes take away before they add: nobody sees more rows than there are at the end.
 *  N3  a row that changes and stays tied with what it was keeps its place of arrival.
 */

import { printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { type Change, changeBetween } from "./change.ts";
import { type CompareRows, RowOrderError } from "./row-order.ts";
import { SortedList } from "./sorted-list.ts";

/** How tied rows are numbered. */
export type Ranking = "row-number" | "rank" | "dense-rank";

export interface RankedRowsOptions<R, U> {
  /** Ranks that are shown, from 1. */
  readonly count: number;
  /** Ranks that are left out before. */
  readonly offset: number;
  readonly ranking: Ranking;
  readonly order: CompareRows<R>;
  /** What is shown of a row; undefined for nothing. */
  readonly result: (row: R, rank: number) => U | undefined;
}

/** A row as it is kept: with the number of its arrival in its group. */
export interface ArrivedRow<R> {
  readonly row: R;
  readonly arrival: number;
}

interface Item<R> extends ArrivedRow<R> {
  readonly key: Key;
}

export class RankedRows<R, U> {
  readonly #options: RankedRowsOptions<R, U>;
  readonly #list: SortedList<Item<R>>;
  #nextArrival: number;
  #shown: ReadonlyMap<Key, U>;
  /** Behind the last item that is shown, or would be. */
  #end = 0;

  /** @param rows that are there already */
  constructor(options: RankedRowsOptions<R, U>, rows: ReadonlyMap<Key, ArrivedRow<R>> = new Map()) {
    const { order } = options;
    this.#options = options;
    const items = [...rows].map(([key, { row, arrival }]): Item<R> => ({ key, row, arrival }));
    this.#list = new SortedList((left, right) => order(left.row, right.row) || left.arrival - right.arrival, items);
    this.#nextArrival = items.reduce((next, { arrival }) => Math.max(next, arrival + 1), 0);
    this.#shown = this.#visible();
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  /** The first of what is shown. */
  get first(): U | undefined {
    return this.#shown.values().next().value;
  }

  /** How a row is to be kept that takes the place of another one, or of none. */
  arrived(row: R, before: ArrivedRow<R> | undefined): ArrivedRow<R> {
    const keeps = before !== undefined && this.#options.order(before.row, row) === 0;
    return { row, arrival: keeps ? before.arrival : this.#nextArrival };
  }

  /**
   * A row takes the place of another one, where undefined is no row. Returns what is shown differently now.
   *
   * Throws what `order` and `result` throw, and ERR_ACT_ROW_ORDER when the order contradicts itself. Nothing is known then of
   * what is here: make a new one.
   */
  replace(key: Key, before: ArrivedRow<R> | undefined, after: ArrivedRow<R> | undefined): readonly Change<U>[] {
    const list = this.#list;
    const gone = before === undefined ? undefined : this.#find({ key, ...before });
    const place = after === undefined ? undefined : list.placeOf({ key, ...after });
    if (gone !== undefined) list.removeAt(gone);
    if (after !== undefined && place !== undefined) {
      list.insertAt(gone !== undefined && gone < place ? place - 1 : place, { key, ...after });
      this.#nextArrival = Math.max(this.#nextArrival, after.arrival + 1);
    }
    if (Math.min(gone ?? Number.POSITIVE_INFINITY, place ?? Number.POSITIVE_INFINITY) > this.#end) return [];
    const shownBefore = this.#shown;
    this.#shown = this.#visible();
    return differences(shownBefore, this.#shown);
  }

  #find(item: Item<R>): number {
    const place = this.#list.placeOf(item);
    if (this.#list.at(place)?.key === item.key) return place;
    throw new RowOrderError(
      `the row of key ${printValue(item.key)} is not where the function that compares rows puts it: it has to give the same ` +
        "answer for the same rows, and the opposite one when they are swapped",
    );
  }

  /** N1, in order */
  #visible(): ReadonlyMap<Key, U> {
    const { count, offset, ranking, order, result } = this.#options;
    const shown = new Map<Key, U>();
    let index = ranking === "row-number" ? offset : 0;
    let rank = index;
    for (let last: Item<R> | undefined; index < this.#list.length; index += 1) {
      const item = this.#list.at(index) as Item<R>;
      const isTied = last !== undefined && ranking !== "row-number" && order(last.row, item.row) === 0;
      if (!isTied) rank = ranking === "dense-rank" ? rank + 1 : index + 1;
      if (rank > offset + count) break;
      const made = rank > offset ? result(item.row, rank) : undefined;
      if (made !== undefined) shown.set(item.key, made);
      last = item;
    }
    this.#end = index;
    return shown;
  }
}

/** N2 */
function differences<U>(before: ReadonlyMap<Key, U>, after: ReadonlyMap<Key, U>): readonly Change<U>[] {
  const changes: Change<U>[] = [];
  for (const [key, row] of before) if (!after.has(key)) changes.push({ kind: "delete", key, before: row });
  for (const [key, row] of after) {
    const change = changeBetween(key, before.get(key), row);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}
