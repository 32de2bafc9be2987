/** StatePart: the state of operators, as deltas: of each operator instance, oldest first, under increasing numbers. */

import { RecordTable } from "./record-table.ts";
import type { StorePart } from "./store-part.ts";

export interface DeltaRecord {
  readonly operator: string;
  readonly instance: number;
  /** From 1. */
  readonly number: number;
  /** Encoded state entries. */
  readonly bytes: Uint8Array;
}

export interface DeltaChange extends DeltaRecord {
  /** Whether it takes the place of all deltas of its operator instance. */
  readonly replaces: boolean;
}

const table = new RecordTable("delta", { operator: "TEXT", instance: "INTEGER", number: "INTEGER" });

export const statePart: StorePart<readonly DeltaChange[], readonly DeltaRecord[]> = {
  schema: table.schema,

  write(database, epoch, deltas, before) {
    const writer = table.writer(database, epoch, before);
    for (const { operator, instance, number, bytes, replaces } of deltas) {
      if (replaces) writer.remove([operator, instance]);
      writer.add([operator, instance, number], bytes);
    }
    return writer.sum;
  },

  read(database, epoch) {
    const { rows, sum } = table.read(database, epoch);
    const content = rows.map(({ key, bytes }) => {
      const [operator, instance, number] = key as [string, number, number];
      return { operator, instance, number, bytes };
    });
    return { content, sum };
  },
};
