/** MainSink: a sink that hands events to the code that submitted the job. The run binds what it does (run/main-sinks.ts). */

import type { SinkSpec } from "../actors/index.ts";
import { InvariantError } from "../runtime/index.ts";

/** An array of all events, or an async iterable over them. */
export type MainSinkKind = "collect" | "output";

export function mainSink(kind: MainSinkKind): SinkSpec<unknown> {
  return { kind, onMain: true, heads: true, create: notBound };
}

function notBound(): never {
  throw new InvariantError("a sink of main is made by its run");
}
