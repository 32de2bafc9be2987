/** StandingsPart: of each cell, what it is besides the state of its operators: position, inputs that have ended. */

import { RecordTable } from "./record-table.ts";
import type { StorePart } from "./store-part.ts";

export interface StandingRecord {
  /** At the head of the cell. */
  readonly operator: string;
  readonly instance: number;
  /** An encoded CellStanding. */
  readonly bytes: Uint8Array;
}

const table = new RecordTable("standing", { operator: "TEXT", instance: "INTEGER" });

/** A standing that is written takes the place of the one before. */
export const standingsPart: StorePart<readonly StandingRecord[], readonly StandingRecord[]> = {
  schema: table.schema,

  write(database, epoch, standings, before) {
    const writer = table.writer(database, epoch, before);
    for (const { operator, instance, bytes } of standings) {
      writer.remove([operator, instance]);
      writer.add([operator, instance], bytes);
    }
    return writer.sum;
  },

  clear: (database) => table.clear(database),

  read(database, epoch) {
    const { rows, sum } = table.read(database, epoch);
    const content = rows.map(({ key, bytes }) => {
      const [operator, instance] = key as [string, number];
      return { operator, instance, bytes };
    });
    return { content, sum };
  },
};
