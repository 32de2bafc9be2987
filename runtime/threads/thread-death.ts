/**
 * ThreadDeath: names what a worker thread died of, from everything that is known about it.
 *
 * The sources in the order they are believed: who killed it, the last words of the thread, what the platform says of its
 * heap, its exit code. An exit with code 0 is a death like any other: nobody but the runtime may end a thread.
 */

import { MillraceError } from "../errors/millrace-error.ts";
import { fromWire } from "../errors/wire-error.ts";
import { ExternalLimitError } from "./external-guard.ts";
import { HeapLimitError } from "./heap-guard.ts";
import type { FailureOrigin, LastWords } from "./thread-protocol.ts";

/** Code that ran on the thread threw, or rejected, where nobody caught it; `cause` is what was thrown. */
class ThreadFailureError extends MillraceError {
  readonly code = "ERR_RT_THREAD_FAILURE";

  constructor(threadId: number, origin: FailureOrigin, cause: Error) {
    super(`worker thread ${threadId} died of an ${originText[origin]}: ${cause.message}`, {
      cause,
      details: { threadId, origin },
    });
  }
}

/** The thread ended without a word: code on it called `process.exit`, or somebody terminated it. */
class ThreadExitError extends MillraceError {
  readonly code = "ERR_RT_THREAD_EXIT";

  constructor(threadId: number, exitCode: number | undefined, cause: unknown) {
    const how = exitCode === undefined ? "" : ` with exit code ${exitCode}`;
    super(`worker thread ${threadId} ended${how} without being asked to`, {
      cause,
      details: { threadId, ...(exitCode === undefined ? {} : { exitCode }) },
    });
  }
}

export interface DeathEvidence {
  readonly threadId: number;
  readonly heapLimitMb: number;
  readonly killedFor: MillraceError | undefined;
  readonly lastWords: LastWords | undefined;
  readonly exitCode: number | undefined;
  /** What the thread's task was rejected with, if it was. */
  readonly rejection: unknown;
}

export function deathError(evidence: DeathEvidence): MillraceError {
  const { threadId, heapLimitMb, killedFor, lastWords, exitCode, rejection } = evidence;
  if (killedFor !== undefined) return killedFor;
  if (lastWords?.kind === "failed")
    return new ThreadFailureError(threadId, lastWords.origin, fromWire(lastWords.error));
  if (lastWords?.kind === "heap-limit") return new HeapLimitError(threadId, heapLimitMb, lastWords.reading.liveBytes);
  if (lastWords?.kind === "external-limit") return new ExternalLimitError(threadId, lastWords.reading);
  if (codeOf(rejection) === "ERR_WORKER_OUT_OF_MEMORY") {
    return new HeapLimitError(threadId, heapLimitMb, undefined, rejection);
  }
  return new ThreadExitError(threadId, exitCode, lastWords === undefined ? rejection : undefined);
}

const originText: Readonly<Record<FailureOrigin, string>> = {
  "uncaught exception": "uncaught exception",
  "unhandled rejection": "unhandled rejection",
  "failed stop": "error while it stopped",
};

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
