/**
 * Rows as one number that does not depend on their order: each row as JSON of its values, the lines sorted by their UTF-16 code units,
 * joined by line feeds, SHA-256.
 */

import { createHash } from "node:crypto";

export interface RowDigest {
  readonly rowCount: number;
  readonly sha256: string;
}

export function digestOf(rows: readonly object[], columns: readonly string[]): RowDigest {
  const hash = createHash("sha256");
  // All lines in one string may be longer than strings can be.
  for (const [index, line] of rowLines(rows, columns).entries()) hash.update(index === 0 ? line : `\n${line}`);
  return { rowCount: rows.length, sha256: hash.digest("hex") };
}

/** The rows as lines of JSON, in order. */
export function rowLines(rows: readonly object[], columns: readonly string[]): string[] {
  // Without a function to compare by, an array of strings is sorted by their code units.
  return rows.map((row) => JSON.stringify(columns.map((column) => (row as Record<string, unknown>)[column]))).sort();
}
