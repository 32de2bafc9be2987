/** The door of the actors room: stream actors and what they are made of. It knows no job. */

export type { Batch, Key } from "./batch.ts";
export type { OperatorContext, OperatorLogic, OperatorSpec, Output } from "./operator.ts";
export type { SinkSpec } from "./sink.ts";
export type {
  PollResult,
  Position,
  SourceContext,
  SourceOutput,
  SourceProgress,
  SourceReader,
  SourceSpec,
} from "./source.ts";
