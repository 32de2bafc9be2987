/**
 * What changed in keyed state since its last snapshot, as entries: one for each key.
 *
 * Not here: the same where nothing is made per key (KeyedState.takeEncoded).
 */

import type { StateEntry } from "../epochs/state-delta.ts";
import type { KeyedCell, KeyedState } from "./keyed-state.ts";
import type { StateForm } from "./state-form.ts";

/** @param told what is stored of a cell; default: its value */
export function toldChanges<S, C extends KeyedCell<S>>(
  cells: KeyedState<S, C>,
  name: string,
  form: StateForm,
  told: (cell: C) => unknown = valueIn,
): StateEntry[] {
  return cells.mapChanged((cell) => toldChange(cell, name, form, told));
}

export function toldChange<C extends KeyedCell<unknown>>(
  cell: C,
  name: string,
  form: StateForm,
  told: (cell: C) => unknown,
): StateEntry {
  return [name, cell.key, cell.present, cell.present ? told(cell) : undefined, form];
}

function valueIn(cell: KeyedCell<unknown>): unknown {
  return cell.value;
}
