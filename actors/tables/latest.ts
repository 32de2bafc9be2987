/** latest: the changes of a table as what their rows are now. */

import type { Key } from "../batch.ts";
import type { OperatorSpec } from "../operator.ts";
import { map } from "../operators/map.ts";
import { type Change, rowAfter } from "./change.ts";

/** What a row is now; null when it was deleted. */
export interface Latest<R = unknown, K extends Key = Key> {
  readonly key: K;
  readonly row: R | null;
}

export function latest(): OperatorSpec {
  const spec = map((change: Change): Latest => ({ key: change.key, row: rowAfter(change) ?? null }));
  return { ...spec, kind: "latest" };
}
