/**
 * KeyedState: what an operator remembers per key. One mutable cell per key, so that changing state costs one look-up.
 *
 * What changed since the last snapshot is told by a stamp on each cell, compared with the number of the snapshot to
 * come: a cell is noted once, however often it changes.
 *
 * With many keys, where their owner says how, cells are packed: their values are kept encoded, outside of the heap, and a cell is made anew for who
 * looks for it. All are packed at once, for good. Which form state has is only to be seen by who changes a value without `write`: do not count on it.
 *
 * Values that have to be encoded would be for each change. So their cells are held as objects while they change, as many as are let be: with one more,
 * those that have not changed for longest are packed, one or two for each event. Those of collections are held to the snapshot to come, no longer.
 *
 * Invariants
 *  K1  a key has at most one cell, or is packed; two keys are the same when they are `===`.
 *  K2  a cell's value is only changed by `write`, which therefore sees every change.
 *  K3  `takeChanged` returns every cell that was added, written or removed since the call before, once; a cell that was
 *      removed comes before the one that took its place.
 *
 * Not here: what the values mean (operators/), which instance owns a key (groupings/key-hash.ts).
 */

import { assert, encodeValues, mutated } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { EncodedChanges } from "../epochs/state-delta.ts";
import { CellWalk } from "./packed/cell-walk.ts";
import type { ToldEntries } from "./packed/entry-encoder.ts";
import { cold, HeldCells, hot } from "./packed/held-cells.ts";
import { keysAhead } from "./packed/keys-ahead.ts";
import { encodedKeysMax, heldValuesMax, isEncoded, objectKeysMax, warmCellsMax } from "./packed/object-keys.ts";
import { PackedTable } from "./packed/packed-table.ts";
import type { StateForm } from "./state-form.ts";
import type { StateSize } from "./state-size.ts";

/** The state of one key. Operators that keep more beside it extend this. */
export class KeyedCell<S> {
  readonly key: Key;
  value: S;
  /** The snapshot to come when it changed last. */
  stamp = 0;
  /** False once it was removed. */
  present = true;
  /** Where cells are packed: whether it is held, and how it is (HeldCells). */
  warmth = cold;

  constructor(key: Key, value: S) {
    this.key = key;
    this.value = value;
  }
}

/** How cells are packed: as their values, and a number beside each. */
export interface CellPacking<S, C> {
  /** What is kept of the value; default: the value. */
  keptOf?(cell: C): unknown;
  /** The number beside the value; NaN for none. */
  sideOf(cell: C): number;
  /**
   * @param kept what `keptOf` says; undefined for who asks for nothing but keys and what is beside the values
   * @param hasChanged whether it has since the last snapshot; said of collections only
   */
  unpacked(key: Key, kept: S, side: number, hasChanged: boolean): C;
  /** Of collections: whether one stays as it is. */
  staysObject?(cell: C): boolean;
}

/** One of the states that are kept in the cells: what a snapshot says of them where they are packed. */
export interface ToldState<C> {
  readonly name: string;
  readonly form: StateForm;
  readonly told: ToldEntries;
  /** Of collections: the same of a cell that is an object. */
  ofCell?(cell: C): unknown;
}

export class KeyedState<S, C extends KeyedCell<S> = KeyedCell<S>> {
  readonly #packing: CellPacking<S, C> | undefined;
  /** With more keys than that it is to be packed. */
  #objectKeysMax = objectKeysMax();
  readonly #encodedKeysMax: number;
  /** Empty once they are packed. */
  #cells = new Map<Key, C>();
  #packed: PackedTable | undefined;
  /** Whether somebody goes, or went, through the cells. */
  #isWalked = false;
  /** Of values that have to be encoded. */
  #held: HeldCells<C> | undefined;
  readonly #collects: boolean;
  readonly #warmCellsMax = Math.max(1, warmCellsMax());
  /** Of the snapshot to come. While changes are not noted it is 0, like that of every cell. */
  #stamp: number;
  /** Once they are packed: those that were removed. */
  #changed: C[] = [];

  /**
   * @param tracked whether changes are noted from the start, or only after `track`
   * @param packing undefined: cells stay as they are, however many there are
   */
  constructor(tracked = true, packing?: CellPacking<S, C>) {
    this.#stamp = tracked ? 1 : 0;
    this.#packing = packing;
    this.#collects = packing?.staysObject !== undefined;
    this.#encodedKeysMax = encodedKeysMax(this.#collects ? "at once" : "one by one");
  }

  get size(): number {
    return this.#packed === undefined ? this.#cells.size : this.#packed.size;
  }

  get isPacked(): boolean {
    return this.#packed !== undefined;
  }

  /** Where cells are packed, and it is not held, a new one, each time. */
  find(key: Key): C | undefined {
    const packed = this.#packed;
    if (packed === undefined) return this.#cells.get(key);
    const held = this.#held?.get(key);
    if (held !== undefined) return held;
    const entry = packed.find(key);
    return entry < 0 ? undefined : this.#unpacked(packed, entry, key);
  }

  has(key: Key): boolean {
    return this.#packed === undefined ? this.#cells.has(key) : this.#packed.find(key) >= 0;
  }

  /** Where cells are packed, and none are held: the place of a key, good until a key is added or removed; -1 for none. */
  placeOf(key: Key): number {
    const packed = this.#packed;
    return packed === undefined || this.#held !== undefined ? -1 : packed.find(key);
  }

  valueAt(place: number): S {
    return (this.#packed as PackedTable).valueOf(place) as S;
  }

  /** As `write`, without a cell. */
  writeAt(place: number, value: S, side: number): void {
    const packed = this.#packed as PackedTable;
    packed.setValue(place, value);
    packed.setSide(place, side);
    if (this.#stamp > 0) packed.noteChange(place);
  }

  get stateSize(): StateSize {
    return { pieces: this.size, packedBytes: this.#packed?.bytes ?? 0 };
  }

  /** Keys `index` to `to` of a batch, of which `from` was the first, are looked for next. */
  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    if (this.#packed === undefined || (index - from) % keysAhead !== 0) return;
    if (this.#held !== undefined && 2 * this.#held.size > this.size) return;
    this.#packed.prefetch(keys, index, Math.min(to, index + keysAhead));
  }

  /** Takes in the first cell of a key. */
  add(cell: C): void {
    const packed = this.#packed;
    if (packed !== undefined) {
      const entry = this.#held === undefined ? this.#addPacked(packed, cell) : packed.add(cell.key, undefined);
      if (this.#held !== undefined) this.#warm(packed, entry, cell);
      this.#noteAt(packed, entry, cell);
      return;
    }
    const sizeBefore = this.#cells.size;
    this.#cells.set(cell.key, cell);
    assert(this.#cells.size > sizeBefore, "K1: a key has at most one cell");
    if (cell.stamp !== this.#stamp) this.#note(cell);
    if (this.#cells.size > this.#objectKeysMax) this.#pack();
  }

  /** Takes in a cell as it was at a snapshot: it has not changed since. */
  restore(cell: C): void {
    if (this.#packed !== undefined) {
      this.#addPacked(this.#packed, cell);
      return;
    }
    this.#cells.set(cell.key, cell);
    if (this.#cells.size > this.#objectKeysMax) this.#pack();
  }

  write(cell: C, value: S): void {
    cell.value = value;
    const packed = this.#packed;
    if (packed === undefined) {
      if (cell.stamp !== this.#stamp) this.#note(cell);
      return;
    }
    if (cell.warmth !== cold && cell.stamp === this.#stamp && !this.#collects) {
      cell.warmth = hot;
      return;
    }
    const entry = packed.find(cell.key);
    assert(entry >= 0, "K2: who writes has found the cell");
    this.#warm(packed, entry, cell);
    this.#noteAt(packed, entry, cell);
  }

  /** What is beside the value has changed. */
  note(cell: C): void {
    const packed = this.#packed;
    if (packed === undefined) {
      if (cell.stamp !== this.#stamp) this.#note(cell);
      return;
    }
    this.keep(cell);
    this.#noteAt(packed, packed.find(cell.key), cell);
  }

  /** What is beside the value is as it was at a snapshot, or noted already. */
  keep(cell: C): void {
    const packed = this.#packed;
    if (packed === undefined) return;
    const entry = packed.find(cell.key);
    if (this.#held !== undefined && (cell.warmth !== cold || this.#warmMax > 0)) this.#warm(packed, entry, cell);
    else packed.setSide(entry, this.#sideOf(cell));
  }

  /** The key has no cell any more. */
  remove(cell: C): void {
    cell.present = false;
    if (this.#packed === undefined) {
      this.#cells.delete(cell.key);
      if (cell.stamp !== this.#stamp) this.#note(cell);
      return;
    }
    this.#held?.release(cell.key);
    this.#packed.remove(this.#packed.find(cell.key));
    if (this.#stamp > 0) this.#changed.push(cell);
  }

  /** All cells, in the order in which their keys were first seen. */
  cells(): IteratorObject<C, undefined> {
    if (this.#packing === undefined) return this.#cells.values();
    this.#isWalked = true;
    const unpacked = (packed: PackedTable, entry: number) => this.#unpacked(packed, entry, packed.keyOf(entry));
    return new CellWalk(this.#cells, () => this.#packed, unpacked);
  }

  /** The same for who asks for nothing but keys and what is beside the values: those may be missing. */
  pieces(): IteratorObject<C, undefined> {
    const packing = this.#packing;
    if (packing === undefined) return this.#cells.values();
    this.#isWalked = true;
    const unpacked = (packed: PackedTable, entry: number) => {
      const key = packed.keyOf(entry);
      return this.#held?.get(key) ?? packing.unpacked(key, undefined as S, packed.sideOf(entry), false);
    };
    return new CellWalk(this.#cells, () => this.#packed, unpacked);
  }

  /** From now on changes are noted. Who takes no snapshots must not, or what is removed would be kept. */
  track(): void {
    if (this.#stamp === 0) this.#stamp = 1;
  }

  /** The cells that changed since the last call. */
  takeChanged(): readonly C[] {
    return this.mapChanged((cell) => cell);
  }

  /** The same, as what `tell` makes of each: where cells are packed, there is one at a time. */
  mapChanged<R>(tell: (cell: C) => R): R[] {
    const told = this.#takeNoted().map(tell);
    const packed = this.#packed;
    if (packed === undefined) return told;
    for (const entry of packed.takeChanged()) told.push(tell(this.#unpacked(packed, entry, packed.keyOf(entry), true)));
    if (this.#collects) this.#packWarm(packed);
    return told;
  }

  /**
   * The same where cells are packed as they are told, for each of these states; undefined where they are objects.
   *
   * @throws ERR_RT_NOT_PLAIN_DATA
   */
  takeEncoded(states: readonly ToldState<C>[]): EncodedChanges[] | undefined {
    const packed = this.#packed;
    if (packed === undefined) return undefined;
    if (this.#collects) this.#packWarm(packed);
    else this.#held?.packChanged(this.#stamp, (cell) => this.#keepAt(packed, packed.find(cell.key), cell));
    const gone = this.#takeNoted();
    const entries = packed.takeChanged();
    if (gone.length + entries.length === 0) return [];
    const removed = encodeValues(gone.length, (pieces) => {
      for (const { key } of gone) pieces.any(key);
    });
    const { encoder } = packed;
    const keys = encoder.keys(entries);
    const held = this.#held;
    return states.map(({ name, form, told, ofCell }) => {
      const ofHeld = this.#collects && held ? (key: Key) => ofCell?.(held.get(key) as C) : undefined;
      return new EncodedChanges(name, form, removed, keys, encoder.values(entries, { ...told, ofHeld }));
    });
  }

  #takeNoted(): readonly C[] {
    const changed = this.#changed;
    this.#changed = [];
    if (this.#stamp > 0 && !mutated("state.noted-once")) this.#stamp += 1;
    return changed;
  }

  #note(cell: C): void {
    cell.stamp = this.#stamp;
    this.#changed.push(cell);
  }

  #pack(): void {
    if (this.#packing === undefined) return;
    const hasEncoded = this.#cells.values().some(({ value }) => isEncoded(value));
    if (this.#cells.size <= this.#encodedKeysMax && hasEncoded) {
      this.#objectKeysMax = this.#encodedKeysMax;
      return;
    }
    const packed = new PackedTable();
    // Of values that have to be encoded all are held, until others have to be; of collections those that stay.
    if (this.#collects) this.#held = HeldCells.ofCollections();
    const holdsAll = hasEncoded && !this.#collects;
    for (const cell of this.#cells.values()) {
      const entry = holdsAll ? packed.add(cell.key, undefined) : this.#addPacked(packed, cell);
      if (cell.stamp === this.#stamp && !mutated("state.lost-as-packed")) this.#noteAt(packed, entry, cell);
    }
    // Who walks through the map still does.
    if (holdsAll) this.#held = HeldCells.ofValues(this.#isWalked ? new Map(this.#cells) : this.#cells);
    this.#changed = this.#changed.filter(({ present }) => !present);
    this.#cells = new Map();
    this.#packed = packed;
  }

  #addPacked(packed: PackedTable, cell: C): number {
    if (this.#held !== undefined) {
      const entry = packed.add(cell.key, undefined);
      this.#packHeld(packed, entry, cell);
      return entry;
    }
    const entry = packed.add(cell.key, this.#keptOf(cell));
    packed.setSide(entry, this.#sideOf(cell));
    return entry;
  }

  #keepAt(packed: PackedTable, entry: number, cell: C): void {
    packed.setValue(entry, this.#keptOf(cell));
    packed.setSide(entry, this.#sideOf(cell));
  }

  /** Of collections also where no snapshots are taken yet: one that comes is told as a whole. */
  #noteAt(packed: PackedTable, entry: number, cell: C): void {
    cell.stamp = this.#stamp;
    if (this.#stamp > 0 || this.#collects) packed.noteChange(entry);
  }

  get #warmMax(): number {
    return this.#collects ? this.#warmCellsMax : heldValuesMax(this.size);
  }

  /** The cell is an object from now on, if any are; otherwise it is packed. */
  #warm(packed: PackedTable, entry: number, cell: C): void {
    const held = this.#held;
    if (held === undefined) return this.#keepAt(packed, entry, cell);
    if (cell.warmth !== cold) {
      cell.warmth = hot;
      return;
    }
    const max = this.#warmMax;
    held.makeRoom(max, (coolest) => this.#packHeld(packed, packed.find(coolest.key), coolest));
    if (max === 0) this.#keepAt(packed, entry, cell);
    else held.warm(cell);
  }

  #packWarm(packed: PackedTable): void {
    for (const cell of this.#held?.takeWarm() ?? []) this.#packHeld(packed, packed.find(cell.key), cell);
  }

  #packHeld(packed: PackedTable, entry: number, cell: C): void {
    if ((this.#packing as CellPacking<S, C>).staysObject?.(cell) !== true) {
      this.#keepAt(packed, entry, cell);
      if (!this.#collects || !packed.isOnHeap(entry)) return this.#held?.release(cell.key);
    }
    packed.setValue(entry, undefined);
    this.#held?.stay(cell);
  }

  #keptOf(cell: C): unknown {
    const packing = this.#packing as CellPacking<S, C>;
    return packing.keptOf === undefined ? cell.value : packing.keptOf(cell);
  }

  #sideOf(cell: C): number {
    return (this.#packing as CellPacking<S, C>).sideOf(cell);
  }

  #unpacked(packed: PackedTable, entry: number, key: Key, hasChanged = false): C {
    const held = this.#held;
    const cell = held?.get(key);
    if (cell !== undefined) return cell;
    const isTold = hasChanged || (held !== undefined && packed.isChanged(entry));
    return (this.#packing as CellPacking<S, C>).unpacked(key, packed.valueOf(entry) as S, packed.sideOf(entry), isTold);
  }
}
