/** tableSinkSpec: a sink for the changes of a table, made of one that also takes events. */

import type { Change, SinkSpec } from "../actors/index.ts";
import { MillraceError } from "../runtime/index.ts";

/** A table was given a sink that only adds, in which deleted rows would stay. */
export class SinkCannotDeleteError extends MillraceError {
  readonly code = "ERR_JOB_SINK_CANNOT_DELETE";
}

/** Throws ERR_JOB_SINK_CANNOT_DELETE. */
export function tableSinkSpec<C extends Change>(
  name: string,
  spec: Pick<SinkSpec<C>, "kind" | "origin" | "ofTable">,
): SinkSpec<C> {
  if (spec.ofTable !== undefined) return spec.ofTable as SinkSpec<C>;
  const what = spec.origin === undefined ? spec.kind : `${spec.kind} ${JSON.stringify(spec.origin)}`;
  throw new SinkCannotDeleteError(
    `sink ${JSON.stringify(name)}: ${what} cannot delete, and rows of a table can go; upsert(...) and table(...) with a key can; ` +
      "or write what happens to the table: table.changes().sink(...), table.latest(...).sink(...)",
    { details: { name, kind: spec.kind } },
  );
}
