/** RowsDifferError: a query has given other rows than it should. */

import { MillraceError } from "../../jobs/index.ts";
import type { RowDigest } from "./row-digest.ts";

class RowsDifferError extends MillraceError {
  readonly code = "ERR_NEXMARK_ROWS_DIFFER";

  constructor(query: string, expected: RowDigest, found: RowDigest) {
    const text = ({ rowCount, sha256 }: RowDigest) => `${rowCount} rows with the digest ${sha256.slice(0, 12)}`;
    super(`${query}: expected ${text(expected)}, got ${text(found)}`, { details: { query, expected, found } });
  }
}

/** @throws RowsDifferError */
export function checkRowCount(query: string, expected: number, found: RowDigest): void {
  if (found.rowCount !== expected) throw new RowsDifferError(query, { rowCount: expected, sha256: "not known" }, found);
}

/** @throws RowsDifferError */
export function checkSameRows(query: string, expected: RowDigest, found: RowDigest): void {
  if (expected.sha256 !== found.sha256) throw new RowsDifferError(query, expected, found);
}
