/**
 * CellColumns: the accumulators of a window of some keys, in arrays side by side, in the order in which their keys came: nothing is made for a
 * key that comes again, and nothing but what is kept of it for one that is new. A packed table has the same methods, for many keys.
 *
 * A key has a number, which outlives the window: one look-up by key tells it, and where a window has the key is an array by that
 * number. So windows of the same keys that follow each other hash no key anew, and grow no map.
 *
 * Invariants
 *  V1  entries are numbered as they came, without gaps: none is ever removed.
 *  V2  `takeChanged` tells every entry that was added or noted since the call before, once.
 */

import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Batch, Key } from "../batch.ts";
import type { Output } from "../operator.ts";
import { wholeKey } from "../state/state-table.ts";
import type { Window } from "./aligned-windows.ts";
import type { KeyNumbers } from "./key-numbers.ts";

/** Below that the number beside a value says nothing but events: one more is so much more. */
export const plainSides = 2 ** 29;

/** What the events of a run have in common. */
export interface ColumnRun {
  readonly aggregate: Aggregate<unknown, unknown, unknown>;
  readonly window: Window;
  /** What one more event adds to the number beside the value of its key. */
  readonly eventSide: number;
  /** More keys are not taken. */
  readonly keysMax: number;
  /** The time of all of them; undefined where each has its own. */
  readonly at: number | undefined;
  readonly output: Output;
}

export class CellColumns {
  readonly #numbers: KeyNumbers;
  /** By the numbers of keys: one more than the entry; 0 for none. */
  readonly #entries: number[];
  /** By entry: as long as the window is expected to get, at first. */
  readonly #keys: Key[];
  readonly #values: unknown[];
  readonly #sides: number[];
  #size = 0;
  /** So many of the first entries were told, or are as they were stored. */
  #toldCount = 0;
  /** V2: those of them that were noted since, as a list and one by one. */
  #noted: number[] = [];
  #isNoted = nothing;
  /** The key that was asked for last, and its entry: often the next event has the same one. */
  #foundKey: Key | undefined;
  #foundEntry = -1;

  /** @param expectedSize of how many keys it will be */
  constructor(numbers: KeyNumbers, expectedSize: number) {
    this.#numbers = numbers;
    this.#entries = new Array<number>(numbers.size).fill(0);
    this.#keys = new Array<Key>(expectedSize);
    this.#values = new Array<unknown>(expectedSize);
    this.#sides = new Array<number>(expectedSize);
  }

  get size(): number {
    return this.#size;
  }

  /** The entry of a key; -1 for none. */
  find(key: Key): number {
    if (key === this.#foundKey) return this.#foundEntry;
    const number = this.#numbers.find(key);
    const entry = number < 0 || number >= this.#entries.length ? -1 : this.#entries[number]! - 1;
    this.#foundKey = key;
    this.#foundEntry = entry;
    return entry;
  }

  /** The first entry of a key; its number. */
  add(key: Key, value: unknown, side: number): number {
    const number = this.#numbers.of(key);
    const entries = this.#entries;
    while (entries.length <= number) entries.push(0);
    const entry = this.#size;
    entries[number] = entry + 1;
    this.#keys[entry] = key;
    this.#values[entry] = value;
    this.#sides[entry] = side;
    this.#size = entry + 1;
    this.#foundKey = key;
    this.#foundEntry = entry;
    return entry;
  }

  /**
   * Adds the events of a batch from `from` to `to`, or what stands for several, up to the first that is not in the window, or whose key is one too many; its index. In one loop:
   * times that are handed from function to function become objects.
   */
  addRun(
    { aggregate, window, eventSide, keysMax, at, output }: ColumnRun,
    { values, times, keys, counts }: Batch,
    from: number,
    to: number,
  ): number {
    const { start, end } = window;
    const isTimed = at === undefined;
    let time = at ?? Number.NaN;
    const numbers = this.#numbers;
    const entries = this.#entries;
    const accumulators = this.#values;
    const sides = this.#sides;
    this.#foundKey = undefined;
    for (let index = from; index < to; index += 1) {
      if (isTimed) {
        time = times![index]!;
        if (!(time >= start && time < end)) return index;
      }
      const key = keys === undefined ? wholeKey : keys[index]!;
      const folded = counts === undefined ? 0 : counts[index]!;
      const moreSide = folded > 1 ? folded * eventSide : eventSide;
      const number = numbers.find(key);
      const entry = number < 0 || number >= entries.length ? -1 : entries[number]! - 1;
      if (entry < 0) {
        if (this.size >= keysMax) return index;
        output.begin(index);
        this.add(key, added(aggregate, aggregate.create(), values[index], time, folded), moreSide);
        continue;
      }
      const side = sides[entry]! + moreSide;
      if (side >= plainSides) return index;
      output.begin(index);
      accumulators[entry] = added(aggregate, accumulators[entry], values[index], time, folded);
      sides[entry] = side;
      if (entry < this.#toldCount) this.noteChange(entry);
    }
    return to;
  }

  keyOf(entry: number): Key {
    return this.#keys[entry]!;
  }

  valueOf(entry: number): unknown {
    return this.#values[entry];
  }

  setValue(entry: number, value: unknown): void {
    this.#values[entry] = value;
  }

  /** The number beside its value. */
  sideOf(entry: number): number {
    return this.#sides[entry]!;
  }

  setSide(entry: number, side: number): void {
    this.#sides[entry] = side;
  }

  noteChange(entry: number): void {
    if (entry >= this.#toldCount) return;
    if (this.#isNoted.length <= entry) this.#isNoted = grown(this.#isNoted, this.#toldCount);
    if (this.#isNoted[entry] === 1) return;
    this.#isNoted[entry] = 1;
    this.#noted.push(entry);
  }

  takeChanged(): readonly number[] {
    const changed = this.#noted;
    for (let entry = this.#toldCount; entry < this.size; entry += 1) changed.push(entry);
    this.#noted = [];
    this.#isNoted = nothing;
    this.#toldCount = this.size;
    return changed;
  }

  /** The entry added last is as it was stored. */
  passAsTold(): void {
    this.#toldCount = this.size;
  }

  /** All entries, in order. */
  walk(): { next(): number } {
    let entry = -1;
    return {
      next: () => {
        entry += 1;
        return entry < this.size ? entry : -1;
      },
    };
  }

  /** V2: the entries that are still to be told. */
  isChanged(entry: number): boolean {
    return entry >= this.#toldCount || this.#isNoted[entry] === 1;
  }
}

/** An accumulator with an event, or with what is in another one; `folded` as in `WindowEngine.add`. */
export function added(
  aggregate: Aggregate<unknown, unknown, unknown>,
  accumulator: unknown,
  event: unknown,
  time: number,
  folded: number,
): unknown {
  return folded === 0 ? aggregate.add(accumulator, event, time) : aggregate.merge!(accumulator, event);
}

const nothing = new Uint8Array(0);

function grown(marks: Uint8Array<ArrayBuffer>, count: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * count);
  larger.set(marks);
  return larger;
}
