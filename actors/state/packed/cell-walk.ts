/**
 * CellWalk: the cells of a state one after the other, as the iterator of a Map gives them: what comes meanwhile is met, what goes is
 * not. It goes on where it was when they are packed meanwhile, and where a loop has left it.
 */

import type { Key } from "../../batch.ts";
import type { EntryWalk } from "./entry-block.ts";
import type { PackedTable } from "./packed-table.ts";

export class CellWalk<C extends { readonly key: Key }> extends Iterator<C, undefined> {
  readonly #cells: ReadonlyMap<Key, C>;
  readonly #packedNow: () => PackedTable | undefined;
  readonly #unpacked: (packed: PackedTable, entry: number) => C;
  readonly #rest: IteratorObject<C, undefined>;
  #isOver = false;
  #entries: EntryWalk | undefined;

  /** @param cells as they are while nothing is packed */
  constructor(
    cells: ReadonlyMap<Key, C>,
    packedNow: () => PackedTable | undefined,
    unpacked: (packed: PackedTable, entry: number) => C,
  ) {
    super();
    this.#cells = cells;
    this.#packedNow = packedNow;
    this.#unpacked = unpacked;
    this.#rest = cells.values();
  }

  next(): IteratorResult<C, undefined> {
    const packed = this.#packedNow();
    if (this.#isOver) return over;
    if (packed === undefined) {
      const result = this.#rest.next();
      this.#isOver = result.done === true;
      return result;
    }
    this.#entries ??= this.#behindVisited(packed);
    const entry = this.#entries.next();
    if (entry >= 0) return { value: this.#unpacked(packed, entry), done: false };
    this.#isOver = true;
    return over;
  }

  /** From the first that it has not met and that is still there, or else behind all that it has. */
  #behindVisited(packed: PackedTable): EntryWalk {
    for (const { key } of this.#rest) {
      const entry = packed.find(key);
      if (entry >= 0) return packed.walk(entry);
    }
    let last = -1;
    for (const key of this.#cells.keys()) {
      const entry = packed.find(key);
      if (entry >= 0) last = entry;
    }
    return packed.walk(last, "behind");
  }
}

const over: IteratorResult<never, undefined> = { value: undefined, done: true };
