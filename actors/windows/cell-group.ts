/**
 * CellGroup: what is kept of each key in one window or pane: an accumulator, and a number beside it that says what has been told of it. With
 * few keys in columns, with many in a packed table: then accumulators are kept encoded, and what is found is a copy, which has to be
 * written back.
 *
 * Invariant
 *  E3  the number has room for some two million results of one window of a key, and for what came since the last.
 */

import { assert } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Batch, Key } from "../batch.ts";
import { EncodedChanges, noValues } from "../epochs/state-delta.ts";
import { objectStateKeysMax, triggerEventsMax } from "../limits.ts";
import type { Output } from "../operator.ts";
import type { ToldEntries } from "../state/packed/entry-encoder.ts";
import { keysAhead } from "../state/packed/keys-ahead.ts";
import { encodedKeysMax } from "../state/packed/object-keys.ts";
import { PackedTable } from "../state/packed/packed-table.ts";
import type { StateForm } from "../state/state-form.ts";
import type { StateSize } from "../state/state-size.ts";
import { wholeKey } from "../state/state-table.ts";
import { added, CellColumns, plainSides } from "./cell-columns.ts";
import type { KeyNumbers } from "./key-numbers.ts";

/** What has been told of an accumulator. */
export interface Told {
  /** Of the next result that is not early. */
  readonly revision: number;
  /** Events since the last result. */
  readonly sinceResult: number;
  readonly isStored: boolean;
  /** It waits for the early trigger. */
  readonly isWaiting: boolean;
}

/** How groups are made. */
export interface GroupForm {
  /** What its entries are called in the state. */
  readonly name: string;
  readonly isTracked: boolean;
  /** Whether it is told how many events came since the last result. */
  readonly countsEvents: boolean;
}

export class CellGroup {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** Whether a cell of it is in the state that was told last. */
  isStored = false;
  readonly #isTracked: boolean;
  readonly #countsEvents: boolean;
  #table: CellColumns | PackedTable;
  /** With more keys than that it is to be packed. */
  readonly #columnKeysMax = encodedKeysMax("at once");

  /**
   * @param numbers of its keys; undefined where many are expected, so that they are packed from the first one on
   * @param expectedSize of how many keys it will be
   */
  constructor(
    start: number,
    end: number,
    { name, isTracked, countsEvents }: GroupForm,
    numbers: KeyNumbers | undefined,
    expectedSize: number,
  ) {
    this.start = start;
    this.end = end;
    this.name = name;
    this.#isTracked = isTracked;
    this.#countsEvents = countsEvents;
    const columnSize = Math.min(expectedSize, objectStateKeysMax);
    this.#table = numbers === undefined ? new PackedTable() : new CellColumns(numbers, columnSize);
  }

  /** In how many keys it is. */
  get size(): number {
    return this.#table.size;
  }

  /** Whether it is packed, and has more keys than columns would be kept of. */
  get isLarge(): boolean {
    return this.#table instanceof PackedTable && this.size > this.#columnKeysMax;
  }

  get stateSize(): StateSize {
    return { pieces: this.size, packedBytes: this.#table instanceof PackedTable ? this.#table.bytes : 0 };
  }

  /** Keys `index` to `to` of a batch, of which `from` was the first, are looked for next. */
  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    if (!(this.#table instanceof PackedTable) || (index - from) % keysAhead !== 0) return;
    this.#table.prefetch(keys, index, Math.min(to, index + keysAhead));
  }

  /** The entry of a key, good until the next one is added; -1 for none. */
  find(key: Key): number {
    return this.#table.find(key);
  }

  keyOf(entry: number): Key {
    return this.#table.keyOf(entry);
  }

  /** Not to be changed but by `write`. */
  valueOf(entry: number): unknown {
    return this.#table.valueOf(entry);
  }

  /** Of its next result that is not early. */
  revisionOf(entry: number): number {
    const side = this.#table.sideOf(entry);
    return side < plainSides ? 0 : toldOf(side).revision;
  }

  /** Events since its last result. */
  sinceResultOf(entry: number): number {
    const side = this.#table.sideOf(entry);
    return side < plainSides ? side >>> 2 : toldOf(side).sinceResult;
  }

  toldOf(entry: number): Told {
    return toldOf(this.#table.sideOf(entry));
  }

  /** All entries, in the order in which their keys were first seen; -1 behind the last. None may be added meanwhile. */
  walk(): { next(): number } {
    return this.#table.walk();
  }

  /** Adds an event, or what is in another accumulator, as in `WindowEngine.add`; the entry of its key. */
  addEvent(
    aggregate: Aggregate<unknown, unknown, unknown>,
    key: Key,
    event: unknown,
    time: number,
    folded: number,
  ): number {
    const table = this.#table;
    const entry = table.find(key);
    const events = this.#countsEvents ? Math.max(1, folded) : 0;
    if (entry < 0)
      return this.addNew(key, added(aggregate, aggregate.create(), event, time, folded), events * oneEvent);
    table.setValue(entry, added(aggregate, table.valueOf(entry), event, time, folded));
    if (events > 0) table.setSide(entry, withEvents(table.sideOf(entry), events));
    if (this.#isTracked) table.noteChange(entry);
    return entry;
  }

  /**
   * Adds the events of a batch from `index` to `to`, up to the first that is not in the window, or cannot be added with the others; its index.
   *
   * @param from the first event of the batch that keys were looked for of
   * @param at the time of all of them, which is in the window; undefined where each has its own
   */
  addRun(
    aggregate: Aggregate<unknown, unknown, unknown>,
    batch: Batch,
    from: number,
    index: number,
    to: number,
    at: number | undefined,
    output: Output,
  ): number {
    const { times, keys } = batch;
    if (at === undefined && times === undefined) return index;
    const table = this.#table;
    if (table instanceof CellColumns) {
      const eventSide = this.#countsEvents ? oneEvent : 0;
      return table.addRun(
        { aggregate, window: this, eventSide, keysMax: this.#columnKeysMax, at, output },
        batch,
        index,
        to,
      );
    }
    for (let each = index; each < to; each += 1) {
      const time = at ?? times![each]!;
      if (!(time >= this.start && time < this.end)) return each;
      if (keys !== undefined) this.expect(keys, from, each, to);
      output.begin(each);
      const folded = batch.counts === undefined ? 0 : batch.counts[each]!;
      this.addEvent(aggregate, keys === undefined ? wholeKey : keys[each]!, batch.values[each], time, folded);
    }
    return to;
  }

  /** The first value of a key; its entry. */
  addNew(key: Key, value: unknown, side = 0): number {
    const entry = this.#put(key, value, side);
    if (this.#isTracked && this.#table instanceof PackedTable) this.#table.noteChange(entry);
    return this.#packed(entry, key);
  }

  /** The value of a key as it was stored. */
  restore(key: Key, value: unknown, told: Told): number {
    this.isStored = true;
    const entry = this.#put(key, value, sideOf(told));
    if (this.#table instanceof CellColumns) this.#table.passAsTold();
    return this.#packed(entry, key);
  }

  write(entry: number, value: unknown): void {
    this.#table.setValue(entry, value);
    if (this.#isTracked) this.#table.noteChange(entry);
  }

  /** Its result was told: what comes from now on is new. */
  noteResult(entry: number, isEarly: boolean): void {
    const { revision, isStored, isWaiting } = this.toldOf(entry);
    this.tell(entry, { revision: isEarly ? revision : revision + 1, sinceResult: 0, isStored, isWaiting });
  }

  /** Something else has been told of it. */
  tell(entry: number, told: Told): void {
    this.keep(entry, told);
    if (this.#isTracked) this.#table.noteChange(entry);
  }

  /** The same for what is noted already, or no matter of the state. */
  keep(entry: number, told: Told): void {
    this.#table.setSide(entry, sideOf(told));
  }

  /**
   * The entries that were added, written or told since the call before, encoded, where they are packed; they count as stored. Undefined:
   * `takeChanged` has them.
   *
   * @throws ERR_RT_NOT_PLAIN_DATA
   */
  takeEncoded(form: StateForm, title: string): EncodedChanges | undefined {
    const table = this.#table;
    if (!(table instanceof PackedTable)) return undefined;
    const entries = table.takeChanged();
    const { encoder } = table;
    const values = encoder.values(entries, { title, ...toldCells });
    for (let index = 0; index < entries.length; index += 1) {
      const side = table.sideOf(entries[index]!);
      if (side % oneEvent < 2) table.setSide(entries[index]!, side + 2);
    }
    return new EncodedChanges(this.name, form, noValues, encoder.keys(entries), values);
  }

  /** Where they are packed: that those which were stored are gone. */
  encodedAsGone(form: StateForm): EncodedChanges | undefined {
    const table = this.#table;
    if (!(table instanceof PackedTable)) return undefined;
    const stored: number[] = [];
    const walk = table.walk();
    for (let entry = walk.next(); entry >= 0; entry = walk.next()) {
      if (table.sideOf(entry) % oneEvent >= 2) stored.push(entry);
    }
    return new EncodedChanges(this.name, form, table.encoder.keys(stored), noValues, noValues);
  }

  /** The entries that were added, written or told since the call before. */
  takeChanged(): readonly number[] {
    return this.#table.takeChanged();
  }

  #put(key: Key, value: unknown, side: number): number {
    const table = this.#table;
    return table instanceof PackedTable ? putPacked(table, key, value, side) : table.add(key, value, side);
  }

  /** Packs what has become too many; the entry of a key from then on. */
  #packed(entry: number, key: Key): number {
    const columns = this.#table;
    if (columns instanceof PackedTable || columns.size <= this.#columnKeysMax) return entry;
    const packed = new PackedTable();
    for (let each = 0; each < columns.size; each += 1) {
      const put = putPacked(packed, columns.keyOf(each), columns.valueOf(each), columns.sideOf(each));
      if (this.#isTracked && columns.isChanged(each)) packed.noteChange(put);
    }
    this.#table = packed;
    return packed.find(key);
  }
}

function putPacked(table: PackedTable, key: Key, value: unknown, side: number): number {
  const entry = table.add(key, value);
  table.setSide(entry, side);
  return entry;
}

/** More events are as good as so many: no trigger waits for more. */
const sinceResultValues = triggerEventsMax + 1;
const oneEvent = 4;

function withEvents(side: number, events: number): number {
  if (side + events * oneEvent < plainSides) return side + events * oneEvent;
  const told = toldOf(side);
  return sideOf({ ...told, sinceResult: told.sinceResult + events });
}

/** An accumulator, its revision, and how many events came since its result. */
const toldCells: Pick<ToldEntries, "before" | "behind"> = {
  before: (pieces) => pieces.array(3),
  behind(pieces, side) {
    const told = Math.floor(side / oneEvent);
    pieces.number(Math.floor(told / sinceResultValues));
    pieces.number(told % sinceResultValues);
  },
};

function sideOf({ revision, sinceResult, isStored, isWaiting }: Told): number {
  const told = revision * sinceResultValues + Math.min(sinceResult, triggerEventsMax);
  assert(told < 2 ** 51, "E3: what has been told of a window fits a number");
  return told * oneEvent + (isStored ? 2 : 0) + (isWaiting ? 1 : 0);
}

function toldOf(side: number): Told {
  const told = Math.floor(side / oneEvent);
  return {
    revision: Math.floor(told / sinceResultValues),
    sinceResult: told % sinceResultValues,
    isStored: side % oneEvent >= 2,
    isWaiting: side % 2 === 1,
  };
}
