/**
 * ReadableState: the state of operators as rows that any SQLite tool shows: one view for each operator, with keys and values as
 * JSON. Written when the storage is closed, never with a checkpoint, so that checkpoints stay cheap; each row says of which
 * epoch it is. Nothing is ever read back from here.
 */

import type { DatabaseSync } from "node:sqlite";
import { mergedEntries } from "../../../actors/index.ts";
import { readableKeysMax } from "../../limits.ts";
import { readableJson } from "../readable-value.ts";
import { readDeltas } from "./state-part.ts";

export const readableSchema = `
  CREATE TABLE readable_state (
    operator TEXT NOT NULL, instance INTEGER NOT NULL, state TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    epoch INTEGER NOT NULL
  );
`;

/** In a transaction that is open. Operators whose keys are too many have a view without rows. */
export function writeReadableState(database: DatabaseSync, epoch: number, keysMax = readableKeysMax): void {
  database.exec("DELETE FROM readable_state");
  const insert = database.prepare("INSERT INTO readable_state VALUES (?, ?, ?, ?, ?, ?)");
  const instances = database
    .prepare("SELECT DISTINCT operator, instance FROM delta ORDER BY operator, instance")
    .all() as unknown as readonly { readonly operator: string; readonly instance: number }[];
  for (const [operator, own] of Map.groupBy(instances, (each) => each.operator)) {
    createView(database, operator);
    const entries = own.flatMap(({ instance }) =>
      mergedEntries(readDeltas(database, epoch, operator, instance)).map(([state, key, , value]) => {
        return { instance, state, key, value };
      }),
    );
    if (entries.length > keysMax) continue;
    for (const { instance, state, key, value } of entries) {
      insert.run(operator, instance, state, readableJson(key), readableJson(value), epoch);
    }
  }
}

/** `"state of count"`. The name of an operator has no quotes in it. */
function createView(database: DatabaseSync, operator: string): void {
  database.exec(`
    CREATE VIEW IF NOT EXISTS "state of ${operator}" AS
      SELECT state, key, value, instance, epoch FROM readable_state WHERE operator = '${operator}'`);
}
