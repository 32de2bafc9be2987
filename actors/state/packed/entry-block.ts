/**
 * EntryBlock: a piece of a table: the columns of so many entries in the order in which they came. Blocks are joined in that order.
 *
 * A block that was merged with its neighbour, or is empty, is not part of its table any more; who was walking through it is led on
 * from it: to where its entries are now, as V8 does with the iterators of a Map that has grown.
 */

/** Blocks of 16,384 entries: few enough that with millions of keys their headers stay in a cache. */
export const blockBits = 14;
export const blockEntries = 1 << blockBits;

/** Of an entry that is gone, or not there yet. */
export const noKind = 0;

export class EntryBlock {
  readonly number: number;
  /** Of each entry two: of its key, and of its value. */
  readonly numbers = new Float64Array(2 * blockEntries);
  /** Of which kinds the two are. */
  readonly kinds = new Uint8Array(blockEntries);
  /** Whether all keys and values in it are numbers, so that nobody has to read kinds (P4 of the table). */
  isNumeric = true;
  /** What is kept beside the values, from the first time that it is something. */
  sides: Float64Array | undefined;
  /** A bit for each entry that has changed. */
  readonly changed = new Int32Array(blockEntries / 32);
  hasChanged = false;
  /** How many places have been taken, and how many entries are still there. */
  used = 0;
  live = 0;
  previous: EntryBlock | undefined;
  next: EntryBlock | undefined;
  /** Where its entries have gone, and at which place there the first of them is. */
  successor: EntryBlock | undefined;
  successorFrom = 0;

  constructor(number: number) {
    this.number = number;
  }

  get bytes(): number {
    return this.numbers.byteLength + this.kinds.byteLength + this.changed.byteLength + (this.sides?.byteLength ?? 0);
  }

  setSide(slot: number, side: number): void {
    if (this.sides === undefined) {
      if (Number.isNaN(side)) return;
      this.sides = new Float64Array(blockEntries).fill(Number.NaN);
    }
    this.sides[slot] = side;
  }

  /** Takes in an entry of another block, behind those that are there. */
  take(other: EntryBlock, from: number): void {
    const slot = this.used;
    this.numbers[2 * slot] = other.numbers[2 * from] as number;
    this.numbers[2 * slot + 1] = other.numbers[2 * from + 1] as number;
    this.kinds[slot] = other.kinds[from] as number;
    this.isNumeric &&= other.isNumeric;
    if (other.sides !== undefined) this.setSide(slot, other.sides[from] as number);
    if (other.isChanged(from)) this.noteChange(slot);
    this.used += 1;
    this.live += 1;
  }

  noteChange(slot: number): void {
    this.changed[slot >> 5] = (this.changed[slot >> 5] as number) | (1 << (slot & 31));
    this.hasChanged = true;
  }

  isChanged(slot: number): boolean {
    return (((this.changed[slot >> 5] as number) >>> (slot & 31)) & 1) === 1;
  }

  /** The numbers of the entries that have changed and are still there; none has changed any more. */
  takeChanged(into: number[]): void {
    if (!this.hasChanged) return;
    this.hasChanged = false;
    const { changed, kinds } = this;
    for (let word = 0; word < changed.length; word += 1) {
      let bits = changed[word] as number;
      changed[word] = 0;
      for (; bits !== 0; bits &= bits - 1) {
        const slot = 32 * word + 31 - Math.clz32(bits & -bits);
        if (kinds[slot] !== noKind) into.push((this.number << blockBits) | slot);
      }
    }
  }
}

/** Entries from a place on, whatever happens to them meanwhile: those that come are met, those that go are not. */
export class EntryWalk {
  #block: EntryBlock;
  #slot: number;

  constructor(block: EntryBlock, slot: number) {
    this.#block = block;
    this.#slot = slot;
  }

  /** The number of the next entry; -1 for none. */
  next(): number {
    for (;;) {
      let block = this.#block;
      while (block.successor !== undefined) {
        let before = block.successorFrom;
        for (let slot = 0; slot < this.#slot; slot += 1) if (block.kinds[slot] !== noKind) before += 1;
        this.#slot = before;
        block = block.successor;
        this.#block = block;
      }
      const { kinds, used } = block;
      for (let slot = this.#slot; slot < used; slot += 1) {
        if (kinds[slot] === noKind) continue;
        this.#slot = slot + 1;
        return (block.number << blockBits) | slot;
      }
      this.#slot = used;
      if (block.next === undefined) return -1;
      this.#block = block.next;
      this.#slot = 0;
    }
  }
}
