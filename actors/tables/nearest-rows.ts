/**
 * NearestRows: an as-of join of the rows of one group: every row on the left is joined with the row on the right whose time is
 * nearest to its own, among those that are not after it (`before`) or not before it (`after`); `strict` leaves out equal times.
 * Of several rows on the right with that time the first by `ties` is taken, and of tied ones that with the lowest key.
 *
 * Invariant
 *  O1  a row on the right that comes, changes or goes touches the rows on the left whose nearest it is or was, and no other.
 */

import type { Key } from "../batch.ts";
import { type Change, changeBetween } from "./change.ts";
import { type CompareRows, compareKeys, RowOrderError } from "./row-order.ts";
import { SortedList } from "./sorted-list.ts";

/** Which side of a row's own time the nearest row is looked for. */
export type AsOfDirection = "before" | "after";

export interface NearestRowsOptions<L, R, U> {
  readonly type: "inner" | "left";
  readonly direction: AsOfDirection;
  readonly strict: boolean;
  readonly ties: CompareRows<R>;
  /** What is shown of a pair; undefined for nothing. */
  readonly result: (left: L, right: R | undefined) => U | undefined;
}

/** A row as it is kept: with its time, in ms since the epoch or whatever else is a number. */
export interface TimedRow<R> {
  readonly row: R;
  readonly time: number;
}

interface Item<R> extends TimedRow<R> {
  readonly key: Key;
}

export class NearestRows<L, R, U> {
  readonly #options: NearestRowsOptions<L, R, U>;
  readonly #lefts: SortedList<Item<L>>;
  readonly #rights: SortedList<Item<R>>;

  /** @param lefts and rights that are there already */
  constructor(
    options: NearestRowsOptions<L, R, U>,
    lefts: ReadonlyMap<Key, TimedRow<L>> = new Map(),
    rights: ReadonlyMap<Key, TimedRow<R>> = new Map(),
  ) {
    const { direction, ties } = options;
    this.#options = options;
    this.#lefts = new SortedList(
      (left, right) => left.time - right.time || compareKeys(left.key, right.key),
      itemsOf(lefts),
    );
    // The nearest one is always the first that qualifies, from the later ones on or from the earlier ones.
    const sign = direction === "before" ? -1 : 1;
    this.#rights = new SortedList(
      (left, right) => sign * (left.time - right.time) || ties(left.row, right.row) || compareKeys(left.key, right.key),
      itemsOf(rights),
    );
  }

  /**
   * A row on the left takes the place of another one, where undefined is no row. Returns what is shown differently now.
   *
   * Throws what `result` throws: nothing is known then of what is here, make a new one.
   */
  replaceLeft(key: Key, before: TimedRow<L> | undefined, after: TimedRow<L> | undefined): readonly Change<U>[] {
    const change = changeBetween(key, this.#shown(before), this.#shown(after));
    if (before !== undefined) remove(this.#lefts, { key, ...before });
    if (after !== undefined) insert(this.#lefts, { key, ...after });
    return change === undefined ? [] : [change];
  }

  /** The same for a row on the right. Throws ERR_ACT_ROW_ORDER, too, when `ties` contradicts itself. */
  replaceRight(key: Key, before: TimedRow<R> | undefined, after: TimedRow<R> | undefined): readonly Change<U>[] {
    const touched = new Set([...this.#nearTo(before), ...this.#nearTo(after)]);
    const shownBefore = [...touched].map((left) => this.#shown(left));
    if (before !== undefined) remove(this.#rights, { key, ...before });
    if (after !== undefined) insert(this.#rights, { key, ...after });
    const changes = [...touched].map((left, index) => changeBetween(left.key, shownBefore[index], this.#shown(left)));
    return changes.filter((change) => change !== undefined);
  }

  /** O1: the rows on the left between a row on the right and the next one that is farther on than it. */
  #nearTo(right: TimedRow<R> | undefined): readonly Item<L>[] {
    if (right === undefined) return [];
    const { direction } = this.#options;
    // On the right, items of later times come first for `before`, and those of earlier times for `after`.
    const isBefore = direction === "before";
    const own = this.#rights.firstIndex(({ time }) => (isBefore ? time <= right.time : time >= right.time));
    const farther = this.#rights.at(own - 1)?.time;
    const [from, to] = isBefore ? [right.time, farther] : [farther, right.time];
    const items: Item<L>[] = [];
    let index = from === undefined ? 0 : this.#lefts.firstIndex(({ time }) => time >= from);
    for (let item = this.#lefts.at(index); item !== undefined; item = this.#lefts.at(index)) {
      if (to !== undefined && item.time > to) break;
      items.push(item);
      index += 1;
    }
    return items;
  }

  #shown(left: TimedRow<L> | undefined): U | undefined {
    if (left === undefined) return undefined;
    const { type, result } = this.#options;
    const right = this.#nearest(left.time);
    return right === undefined && type === "inner" ? undefined : result(left.row, right?.row);
  }

  #nearest(time: number): Item<R> | undefined {
    const { direction, strict } = this.#options;
    const index = this.#rights.firstIndex((right) => {
      if (right.time === time) return !strict;
      return direction === "before" ? right.time < time : right.time > time;
    });
    return this.#rights.at(index);
  }
}

function itemsOf<R>(rows: ReadonlyMap<Key, TimedRow<R>>): readonly Item<R>[] {
  return [...rows].map(([key, { row, time }]) => ({ key, row, time }));
}

function insert<R>(list: SortedList<Item<R>>, item: Item<R>): void {
  list.insertAt(list.placeOf(item), item);
}

function remove<R>(list: SortedList<Item<R>>, item: Item<R>): void {
  const place = list.placeOf(item);
  if (list.at(place)?.key !== item.key) {
    throw new RowOrderError(
      "ties: a row is not where the function puts it: it has to give the same answer for the same rows",
    );
  }
  list.removeAt(place);
}
