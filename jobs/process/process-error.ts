/** Errors of processes under supervision. */

import { MillraceError, type ProcessEnd } from "../../runtime/index.ts";

/** What is known of the death of a process. Plain data. */
export interface ProcessDeath {
  readonly job: string;
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly end: ProcessEnd;
  /** The last that it wrote to standard error. */
  readonly errorText: string;
  /** Why it was killed by its supervisor; undefined when it was not. */
  readonly reason: string | undefined;
  /** The last checkpoint that is stored; 0 for none. */
  readonly checkpointEpoch: number;
  readonly storage: string;
}

/** The process of a job died: a signal, an exit before the job had ended, or it could not be started. */
export class ProcessDiedError extends MillraceError {
  readonly code = "ERR_JOB_PROCESS_DIED";
  readonly #death: ProcessDeath;

  constructor(death: ProcessDeath, cause: unknown) {
    const { job, pid, end, errorText, reason, checkpointEpoch, storage } = death;
    super(`the process of job ${JSON.stringify(job)} ${deathText(death)}; ${checkpointText(death)}`, {
      cause: end.kind === "not-started" ? end.error : cause,
      details: {
        job,
        pid: pid ?? null,
        exitCode: end.kind === "exited" ? end.code : null,
        signal: end.kind === "killed" ? end.signal : null,
        reason: reason ?? null,
        errorText,
        checkpointEpoch,
        storage,
      },
    });
    this.#death = death;
  }

  /** @internal */
  get death(): ProcessDeath {
    return this.#death;
  }
}

/** The process of a job died once more than its restarts allow; the cause is the last death. */
export class ProcessRestartsSpentError extends MillraceError {
  readonly code = "ERR_JOB_PROCESS_RESTARTS_SPENT";

  constructor(cause: ProcessDiedError, restartsMax: number, restartsWithinMs: number) {
    const { job } = cause.details;
    super(
      `the process of job ${JSON.stringify(job)} died too often: restarts allowed within ${restartsWithinMs} ms: ${restartsMax}; ` +
        "the cause says how it died the last time",
      { cause, details: { ...cause.details, restartsMax, restartsWithinMs } },
    );
  }
}

/** What is asked for cannot be had from a job that runs in another process. */
export class ProcessAccessError extends MillraceError {
  readonly code = "ERR_JOB_PROCESS_ACCESS";
}

/** `was killed by SIGKILL (process 123)` */
export function deathText({ pid, end, reason }: Pick<ProcessDeath, "pid" | "end" | "reason">): string {
  if (end.kind === "not-started") return `could not be started: ${end.error.message}`;
  const what = end.kind === "killed" ? signalText(end.signal) : `exited with code ${end.code}${exitText(end.code)}`;
  return `${what} (process ${pid})${reason === undefined ? "" : `: ${reason}`}`;
}

function signalText(signal: string): string {
  return signal === "SIGABRT" ? "aborted, as it does when its heap is full" : `was killed by ${signal}`;
}

/** Codes with which Node, or a shell on behalf of a signal, ends a process. */
function exitText(code: number): string {
  if (code === 134) return ", an abort, as when its heap is full";
  if (code === 137) return ", as after SIGKILL";
  return code === 0 ? " before the job had ended" : "";
}

function checkpointText({ checkpointEpoch, storage }: ProcessDeath): string {
  return checkpointEpoch === 0
    ? `there is no checkpoint in ${storage} yet`
    : `the last checkpoint in ${storage} is that of epoch ${checkpointEpoch}`;
}
