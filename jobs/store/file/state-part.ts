/**
 * StatePart: the state of operators, as deltas: of each operator instance, oldest first, under increasing numbers. They are
 * merged here, by the thread that writes: in the transaction of the checkpoint that makes them too many.
 *
 * Invariant
 *  D1  what is merged was verified: damage never gets a checksum that is right.
 */

import type { DatabaseSync } from "node:sqlite";
import { mergedDelta } from "../../../actors/index.ts";
import { mergedFrom } from "../delta-tiers.ts";
import { RecordTable, type RecordWriter } from "./record-table.ts";
import type { StorePart } from "./store-part.ts";

/** What changed in the state of one operator instance. */
export interface StateChange {
  readonly operator: string;
  readonly instance: number;
  /** Encoded state entries. */
  readonly bytes: Uint8Array;
}

export interface DeltaRecord extends StateChange {
  /** From 1. */
  readonly number: number;
}

const table = new RecordTable("delta", { operator: "TEXT", instance: "INTEGER", number: "INTEGER" });

export const statePart: StorePart<readonly StateChange[], readonly DeltaRecord[]> = {
  schema: table.schema,

  write(database, epoch, changes, before) {
    const writer = table.writer(database, epoch, before);
    for (const change of changes) append(database, writer, epoch, change);
    return writer.sum;
  },

  clear: (database) => table.clear(database),

  read(database, epoch) {
    const { rows, sum } = table.read(database, epoch);
    const content = rows.map(({ key, bytes }) => {
      const [operator, instance, number] = key as [string, number, number];
      return { operator, instance, number, bytes };
    });
    return { content, sum };
  },
};

/** The deltas of one operator instance as of the checkpoint of an epoch, oldest first, verified. Throws RecordDamage. */
export function readDeltas(database: DatabaseSync, epoch: number, operator: string, instance: number): Uint8Array[] {
  return table.read(database, epoch, [operator, instance]).rows.map(({ bytes }) => bytes);
}

function append(database: DatabaseSync, writer: RecordWriter, epoch: number, change: StateChange): void {
  const { operator, instance, bytes } = change;
  const kept = database
    .prepare("SELECT number, length FROM delta WHERE operator = ? AND instance = ? ORDER BY number")
    .all(operator, instance) as unknown as readonly { readonly number: number; readonly length: number }[];
  const number = (kept.at(-1)?.number ?? 0) + 1;
  const from = mergedFrom([...kept.map(({ length }) => length), bytes.byteLength]);
  if (from === undefined) return writer.add([operator, instance, number], bytes);
  const merged = kept.slice(from).map((delta) => [operator, instance, delta.number] as const);
  const older = merged.flatMap((key) => table.read(database, epoch, key).rows.map((row) => row.bytes)); // D1
  for (const key of merged) writer.remove(key);
  writer.add([operator, instance, number], mergedDelta(operator, [...older, bytes], from === 0));
}
