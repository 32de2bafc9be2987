/** Sources and sinks of a given event type that are described but never run, for tests of graphs and types. */

import type { SinkSpec, SourceSpec } from "../../actors/index.ts";

/** A source of events of type `T`. */
export function sampleSource<T>(): SourceSpec<T> {
  return { kind: "sample", bounded: true, replayable: true, create: notMade };
}

/** A sink that takes events of type `T`. */
export function sampleSink<T>(): SinkSpec<T> {
  return { kind: "sample", create: notMade };
}

function notMade(): never {
  throw new Error("sources and sinks of a sample are never made");
}
