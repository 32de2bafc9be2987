/** joinTableSpec: the operator that joins a stream with a table, by the options of `joinTable`. */

import { awaitTable, type OperatorSpec, streamAsOfJoin, streamTableJoin } from "../actors/index.ts";
import { durationMs, OptionError } from "../runtime/index.ts";
import type { TableGraph } from "./table-graph.ts";
import type { JoinTableOptions } from "./table-options.ts";

/** @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION */
export function joinTableSpec<A, R, U>(
  table: TableGraph,
  options: JoinTableOptions<"inner" | "left">,
  join: (event: A, row: R | undefined) => U | null | undefined,
): OperatorSpec {
  const { type = "inner", retention, awaitTable: awaits = false } = options;
  if (typeof awaits !== "boolean") throw new OptionError("joinTable: awaitTable", awaits, "true or false");
  if (retention !== undefined) {
    if (awaits) throw new OptionError("joinTable: awaitTable", awaits, "nothing with `retention`, which waits anyway");
    return streamAsOfJoin(type, durationMs(retention, "joinTable: retention"), join);
  }
  const spec = streamTableJoin(type, join);
  if (!awaits) return spec;
  const [endless] = table.assembly.endlessSources(table.byKey);
  if (endless !== undefined) {
    const allowed = `a table whose sources end; ${JSON.stringify(endless)} never does`;
    throw new OptionError("joinTable: awaitTable", awaits, allowed);
  }
  const [limited] = table.assembly.driftLimitedStreams(table.byKey);
  if (limited === undefined) return awaitTable(spec);
  // It would wait for the event time of the stream that waits for it.
  const allowed = `a table whose streams wait for no others; ${JSON.stringify(limited)} has \`maxDrift\``;
  throw new OptionError("joinTable: awaitTable", awaits, allowed);
}
