/**
 * DeltaReader: a StateDelta from its beginning to its end, piece by piece: of millions of keys none is on the heap for longer than it
 * is looked at. Throws anything for values that take another reader: then there is `decodeDelta`.
 */

import { assert, PlainCursor } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { plainForm, type StateForm } from "../state/state-form.ts";
import { type DeltaColumns, storedChanges } from "./state-delta.ts";

/** What is in front of the pieces, and then these. To be read in this order, before the next columns. */
export interface ColumnsInHand extends Pick<DeltaColumns, "name" | "form" | "removed"> {
  readonly each: (take: (key: Key, value: unknown) => void) => void;
  readonly changes: () => DeltaColumns["changes"];
}

export class DeltaReader {
  readonly #values: PlainCursor;
  #columnsLeft: number;

  constructor(delta: Uint8Array) {
    this.#values = new PlainCursor(delta);
    this.#columnsLeft = this.#values.enterArray();
  }

  /** The next columns; undefined at the end. */
  next(): ColumnsInHand | undefined {
    if (this.#columnsLeft === 0) return undefined;
    this.#columnsLeft -= 1;
    const values = this.#values;
    const partCount = values.enterArray();
    const name = values.read() as string;
    const form = formOf(values.read() as readonly [string, number, StateForm["owner"]] | 0);
    const removed = values.read() as readonly Key[];
    const count = values.enterArray();
    const keys = values.fork();
    values.skip(count);
    assert(values.enterArray() === count, "a value for each key");
    return {
      name,
      form,
      removed,
      each(take) {
        for (let index = 0; index < count; index += 1) take(keys.read() as Key, values.read());
      },
      changes: () =>
        partCount === 6 ? storedChanges(values.read() as Parameters<typeof storedChanges>[0]) : new Map(),
    };
  }
}

function formOf(stored: readonly [string, number, StateForm["owner"]] | 0): StateForm {
  if (stored === 0) return plainForm;
  const [kind, version, owner] = stored;
  return { kind, version, owner };
}
