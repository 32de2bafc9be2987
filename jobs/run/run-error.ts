/** Errors of submitting and running jobs. */

import { MillraceError, printValue } from "../../runtime/index.ts";

/** A job ended with an error that its supervision did not handle; the cause is that error. */
export class JobFailedError extends MillraceError {
  readonly code = "ERR_JOB_FAILED";

  constructor(job: string, cause: unknown) {
    super(`job ${JSON.stringify(job)} failed: ${rootMessage(cause)}`, { cause, details: { job } });
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

/** The innermost message that names what went wrong, behind escalations, which only pass it on. */
function rootMessage(error: unknown): string {
  let at = error;
  while (at instanceof Error && (at as { code?: unknown }).code === "ERR_RT_ESCALATED" && at.cause !== undefined) {
    at = at.cause;
  }
  return at instanceof Error ? at.message : printValue(at);
}
