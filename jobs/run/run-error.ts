/** Errors of submitting and running jobs. */

import { MillraceError, reasonOf } from "../../runtime/index.ts";
import type { JobGraph } from "../job-graph.ts";

/** What a job that failed can go on from. */
export interface LastCheckpoint {
  /** 0: it had none yet. */
  readonly epoch: number;
  /** `memory`, or the path of a file. */
  readonly place: string;
}

/** A job ended with an error that its supervision did not handle; the cause is that error. */
export class JobFailedError extends MillraceError {
  readonly code = "ERR_JOB_FAILED";

  /** @param last undefined when it made no checkpoints */
  constructor(job: string, cause: unknown, last?: LastCheckpoint) {
    super(`job ${JSON.stringify(job)} failed: ${rootMessage(cause)}${goingOn(last)}`, {
      cause,
      details: { job, ...(last === undefined ? {} : { lastEpoch: last.epoch, checkpoints: last.place }) },
    });
  }
}

/** A job without a module is to run on worker threads. */
export class JobModuleMissingError extends MillraceError {
  readonly code = "ERR_JOB_NO_MODULE";

  constructor(job: string, threads: number) {
    super(
      `job ${JSON.stringify(job)} was defined inline and cannot run on ${threads} worker threads: ` +
        "define it with defineJob(name, import.meta.url, ...) in a module of its own, or start the system with threads: 0",
      { details: { job, threads } },
    );
  }
}

/** A job of the same name is running in the system. */
export class JobNameTakenError extends MillraceError {
  readonly code = "ERR_JOB_NAME_TAKEN";

  constructor(job: string) {
    super(`a job named ${JSON.stringify(job)} is already running in this system`, { details: { job } });
  }
}

/** The run has no operator, or no instance of it, as asked for. */
export class OperatorUnknownError extends MillraceError {
  readonly code = "ERR_JOB_OPERATOR_UNKNOWN";
}

/** More events were collected than fit in memory. */
export class CollectLimitError extends MillraceError {
  readonly code = "ERR_JOB_COLLECT_LIMIT";
}

function goingOn(last: LastCheckpoint | undefined): string {
  if (last === undefined || last.place === "memory") return "";
  return last.epoch === 0
    ? `; it has no checkpoint in ${last.place} yet`
    : `; its last checkpoint is that of epoch ${last.epoch} in ${last.place}`;
}

/** The innermost message that names what went wrong, behind escalations, which only pass it on. */
function rootMessage(error: unknown): string {
  let at = error;
  while (at instanceof Error && (at as { code?: unknown }).code === "ERR_RT_ESCALATED" && at.cause !== undefined) {
    at = at.cause;
  }
  return reasonOf(at);
}

/** @param operator a name that the graph does not have, or of an operator that has no such instance */
export function unknownOperator(graph: JobGraph, operator: string, instance: number): OperatorUnknownError {
  const node = graph.nodes.find(({ name }) => name === operator);
  const names = graph.nodes.map(({ name }) => JSON.stringify(name)).join(", ");
  const what =
    node === undefined
      ? `no operator named ${JSON.stringify(operator)}; it has ${names}`
      : `no instance ${instance} of operator ${JSON.stringify(operator)}; it has 0 to ${node.parallelism - 1}`;
  return new OperatorUnknownError(`job ${JSON.stringify(graph.name)} has ${what}`, { details: { operator, instance } });
}

/** What an operator keeps could not be told. */
export class QueryError extends MillraceError {
  readonly code = "ERR_JOB_QUERY";

  constructor(operator: string, why: string) {
    super(`the state of operator ${JSON.stringify(operator)} cannot be told: ${why}`, { details: { operator } });
  }
}
