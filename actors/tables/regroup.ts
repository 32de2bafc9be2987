/**
 * regroup: sends the changes of a table to the groups that their rows are in. A row that moves from one group to another is
 * taken away from the one and given to the other, each of which may live elsewhere.
 *
 * Invariant
 *  G1  per row and group the changes that a group gets keep to the rules of changes, in the order of the table's.
 */

import type { Batch, Key } from "../batch.ts";
import { checkKey } from "../groupings/key-hash.ts";
import type { OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { type Change, rowAfter, rowBefore } from "./change.ts";

/** What happened to a row, for the group that it is in, or was. */
export interface GroupedChange<R = unknown> {
  readonly group: Key;
  readonly change: Change<R>;
}

/**
 * Emits `GroupedChange`s by the group that `groupOf` returns for a row.
 *
 * @param what names the function in errors
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; a change fails with ERR_ACT_KEY when the group of its row is no key
 */
export function regroup<R>(what: string, groupOf: (row: R) => Key): OperatorSpec {
  checkPlainFunction(what, groupOf);
  return { kind: "regroup", outputs: ["main"], create: () => new Regroup(what, groupOf as (row: unknown) => Key) };
}

class Regroup implements OperatorLogic {
  readonly #what: string;
  readonly #groupOf: (row: unknown) => Key;

  constructor(what: string, groupOf: (row: unknown) => Key) {
    this.#what = what;
    this.#groupOf = groupOf;
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): void {
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      this.#send(values[index] as Change, output);
    }
  }

  #send(change: Change, output: Output): void {
    const { key } = change;
    const before = rowBefore(change);
    const after = rowAfter(change);
    const old = before === undefined ? undefined : this.#group(before);
    const group = after === undefined ? undefined : this.#group(after);
    if (old !== undefined && group !== undefined && old !== group) {
      output.emit({ group: old, change: { kind: "delete", key, before } });
      output.emit({ group, change: { kind: "insert", key, after } });
      return;
    }
    output.emit({ group: group ?? old, change });
  }

  #group(row: unknown): Key {
    const group: unknown = this.#groupOf(row);
    checkKey(this.#what, group);
    return group;
  }
}
