/** What can be wrong with the graph of a job; thrown while it is built, before anything runs. */

import { MillraceError } from "../runtime/index.ts";

/** Two operators of one job have the same name; the message says where both were added. */
export class OperatorNameTakenError extends MillraceError {
  readonly code = "ERR_JOB_OPERATOR_NAME_TAKEN";
}

/** A parallelism that is no whole number, out of bounds, or not possible for what it was given to. */
export class ParallelismError extends MillraceError {
  readonly code = "ERR_JOB_PARALLELISM";
}

/** A job without a source: nothing would ever flow. */
export class NoSourceError extends MillraceError {
  readonly code = "ERR_JOB_NO_SOURCE";
}

/** A stream that nothing consumes, or a job in which nothing consumes anything. */
export class UnconsumedStreamError extends MillraceError {
  readonly code = "ERR_JOB_UNCONSUMED";
}

/** A stream was used in a job that it does not belong to. */
export class ForeignStreamError extends MillraceError {
  readonly code = "ERR_JOB_FOREIGN_STREAM";
}

/** The same stream was connected twice to one input of one operator: every event would count double. */
export class StreamTwiceError extends MillraceError {
  readonly code = "ERR_JOB_STREAM_TWICE";
}

/** `forward()` between operators of different parallelism. */
export class ForwardError extends MillraceError {
  readonly code = "ERR_JOB_FORWARD";
}

/** An operator awaits one of its inputs, which waits for what stands still meanwhile. */
export class AwaitCycleError extends MillraceError {
  readonly code = "ERR_JOB_AWAIT_CYCLE";
}

/** More operators or channels than a job may have. */
export class JobTooLargeError extends MillraceError {
  readonly code = "ERR_JOB_TOO_LARGE";
}

/** Plain structures that are no graph: an edge to a node that does not exist, or against the order of the nodes. */
export class GraphShapeError extends MillraceError {
  readonly code = "ERR_JOB_GRAPH_SHAPE";
}
