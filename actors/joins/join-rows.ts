/**
 * JoinRows: the events of one key that one side of a join keeps, by event time, those of the same time in the order in which they
 * came. Most events are the newest: they are put in at the end, and leave at the beginning.
 *
 * Invariants
 *  R1  rows are in the order of their times.
 *  R2  what was kept at the last snapshot, changed by `takeChange`, is what is kept now.
 */

import { MapChange } from "../state/map-change.ts";

/** An event that waits for partners. */
export interface JoinRow {
  /** Of those of its key and side, as long as there are some. */
  readonly id: number;
  readonly time: number;
  readonly value: unknown;
  /** Whether it has had a partner; kept up only where somebody asks for it. */
  isMatched: boolean;
  /** Whether the last snapshot holds it, and as it is. */
  stored: "not" | "otherwise" | "as it is";
}

export type StoredRow = readonly [time: number, value: unknown, isMatched?: true];

/** Rows as they are packed: of each its id, time, value and flags, and in front of them what the next snapshot has to know. */
export type KeptRows = readonly [nextId: number, isStored: boolean, removed: readonly number[], ...rows: unknown[]];

/** Of all that have none: what is put in is put into another one. */
const noRows: JoinRow[] = [];
const rowsAt = 3;
const fieldsOfRow = 4;
const matchedFlag = 1;
/** By what stands above it in the flags. */
const storedStates = ["not", "otherwise", "as it is"] as const;

export class JoinRows {
  /** Those before `#first` have left. */
  #rows: JoinRow[] = noRows;
  #first = 0;
  #nextId = 0;
  /** Ids of those that the last snapshot holds and that have left. */
  #removed: number[] | undefined;
  /** Whether the last snapshot holds rows of the key. */
  #isStored = false;

  /**
   * As snapshots held them, by id.
   *
   * @param isStored whether the next snapshot is to follow those; otherwise it holds all rows
   */
  static restored(stored: ReadonlyMap<number, StoredRow>, isStored: boolean): JoinRows {
    const rows = new JoinRows();
    rows.#isStored = isStored;
    rows.#rows = Array.from(stored, ([id, [time, value, isMatched = false]]): JoinRow => {
      return { id, time, value, isMatched, stored: isStored ? "as it is" : "not" };
    }).sort((left, right) => left.time - right.time || left.id - right.id);
    rows.#nextId = rows.#rows.reduce((nextId, { id }) => Math.max(nextId, id + 1), 0);
    return rows;
  }

  /** @param hasChanged whether they have since the last snapshot, which otherwise holds them as they are */
  static unpacked(kept: KeptRows, hasChanged: boolean): JoinRows {
    const rows = new JoinRows();
    const [nextId, isStored, removed] = kept;
    rows.#nextId = nextId;
    rows.#isStored = isStored || !hasChanged;
    if (hasChanged && removed.length > 0) rows.#removed = [...removed];
    rows.#rows = [];
    for (let at = rowsAt; at < kept.length; at += fieldsOfRow) {
      const flags = kept[at + 3] as number;
      rows.#rows.push({
        id: kept[at] as number,
        time: kept[at + 1] as number,
        value: kept[at + 2],
        isMatched: (flags & matchedFlag) !== 0,
        stored: hasChanged ? storedStates[flags >> 1]! : "as it is",
      });
    }
    return rows;
  }

  get size(): number {
    return this.#rows.length - this.#first;
  }

  /** For `unpacked`. */
  get kept(): KeptRows {
    const kept: [number, boolean, readonly number[], ...unknown[]] = [
      this.#nextId,
      this.#isStored,
      this.#removed ?? none,
    ];
    for (let index = this.#first; index < this.#rows.length; index += 1) {
      const { id, time, value, isMatched, stored } = this.#rows[index] as JoinRow;
      kept.push(id, time, value, (storedStates.indexOf(stored) << 1) | (isMatched ? matchedFlag : 0));
    }
    return kept;
  }

  /** The first one; undefined when there is none. */
  get first(): JoinRow | undefined {
    return this.#rows[this.#first];
  }

  /** Where those at `time` and after begin, for `at`. */
  indexFrom(time: number): number {
    return this.#search(time, false);
  }

  at(index: number): JoinRow | undefined {
    return this.#rows[index];
  }

  add(time: number, value: unknown, isMatched: boolean): void {
    const row: JoinRow = { id: this.#nextId, time, value, isMatched, stored: "not" };
    this.#nextId += 1;
    const last = this.#rows.at(-1);
    // Many keys have one row: no room is made for more before the second.
    if (last === undefined) this.#rows = [row];
    else if (last.time <= time) this.#rows.push(row);
    else this.#rows.splice(this.#search(time, true), 0, row);
  }

  /** Rows `from` (included) to `to` (excluded) have a partner. Whether that was new of one of them. */
  match(from: number, to: number): boolean {
    let isNew = false;
    for (let index = from; index < to; index += 1) {
      const row = this.#rows[index] as JoinRow;
      if (row.isMatched) continue;
      row.isMatched = true;
      isNew = true;
      if (row.stored === "as it is") row.stored = "otherwise";
    }
    return isNew;
  }

  /** Takes out the first one. */
  shift(): void {
    const row = this.#rows[this.#first];
    if (row === undefined) return;
    if (row.stored !== "not") {
      this.#removed ??= [];
      this.#removed.push(row.id);
    }
    this.#first += 1;
    if (this.#first === this.#rows.length) {
      this.#rows = noRows;
      this.#first = 0;
      return;
    }
    // Rarely, so that leaving costs the same for however many there are.
    if (this.#first * 2 > this.#rows.length) {
      this.#rows = this.#rows.slice(this.#first);
      this.#first = 0;
    }
  }

  /** What changed since the call before; all of them the first time. */
  takeChange(): MapChange | ReadonlyMap<number, StoredRow> {
    const isChange = this.#isStored;
    const removed = new Set(this.#removed);
    const changed = new Map<number, StoredRow>();
    this.#isStored = true;
    this.#removed = undefined;
    for (let index = this.#first; index < this.#rows.length; index += 1) {
      const row = this.#rows[index] as JoinRow;
      if (row.stored !== "as it is") changed.set(row.id, storedRow(row));
      row.stored = "as it is";
    }
    return isChange ? new MapChange(removed, changed) : changed;
  }

  /** The index of the first row at `time` or after; with `isBehind`, after `time`. */
  #search(time: number, isBehind: boolean): number {
    let low = this.#first;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = (this.#rows[middle] as JoinRow).time;
      if (at < time || (isBehind && at === time)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const none: readonly never[] = [];

function storedRow({ time, value, isMatched }: JoinRow): StoredRow {
  return isMatched ? [time, value, true] : [time, value];
}
