/**
 * CellTable: the cells of one host by every path under which they are addressed; and, on a thread that replaces another,
 * what came for cells that are not there yet. The order per path is kept: it goes to the cell as soon as that is there.
 *
 * Invariant
 *  H2  one cell per path.
 */

import { assert } from "../assert.ts";
import type { Cell } from "../cells/cell.ts";

export class CellTable {
  readonly #cellByPath = new Map<string, Cell>();
  readonly #aliases = new Map<string, readonly string[]>();
  /** Undefined when every cell that is to come has come. */
  #early: Map<string, (() => void)[]> | undefined;

  /** @param isReplacement true on a thread that takes the place of another, until `settle` */
  constructor(isReplacement: boolean) {
    this.#early = isReplacement ? new Map() : undefined;
  }

  get size(): number {
    return this.#cellByPath.size;
  }

  get(path: string): Cell | undefined {
    return this.#cellByPath.get(path);
  }

  has(path: string): boolean {
    return this.#cellByPath.has(path);
  }

  /** Each cell once. */
  all(): Cell[] {
    return [...new Set(this.#cellByPath.values())];
  }

  add(cell: Cell, aliases: readonly string[]): void {
    const paths = [cell.address.path, ...aliases];
    assert(!paths.some((path) => this.#cellByPath.has(path)), "H2: one cell per path");
    if (aliases.length > 0) this.#aliases.set(cell.address.path, aliases);
    for (const path of paths) this.#cellByPath.set(path, cell);
    for (const path of paths) this.#release(path);
  }

  /** A cell has stopped: its path and aliases are free. */
  remove(path: string): void {
    for (const known of [path, ...(this.#aliases.get(path) ?? [])]) this.#cellByPath.delete(known);
    this.#aliases.delete(path);
  }

  /** True when `deliver` was kept until the cell is there. */
  holdEarly(path: string, deliver: () => void): boolean {
    if (this.#early === undefined || this.#cellByPath.has(path)) return false;
    const held = this.#early.get(path);
    if (held === undefined) this.#early.set(path, [deliver]);
    else held.push(deliver);
    return true;
  }

  /** Every cell that was to come has: what was kept for others goes where it goes without them. */
  settle(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const held of early?.values() ?? []) for (const deliver of held) deliver();
  }

  #release(path: string): void {
    const held = this.#early?.get(path);
    this.#early?.delete(path);
    for (const deliver of held ?? []) deliver();
  }
}
