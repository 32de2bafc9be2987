/** Errors of savepoints. None of them changes what is stored. */

import { MillraceError } from "../../runtime/index.ts";

/** A savepoint cannot be taken: the run keeps no checkpoints, has not started or has ended. */
export class SavepointError extends MillraceError {
  readonly code = "ERR_JOB_SAVEPOINT";
}

/** Of a run without `storage`. */
export function notStored(what: string): SavepointError {
  return new SavepointError(
    `${what}: the run keeps no checkpoints that outlive it; submit the job with storage: "./data" and the guarantee ` +
      '"exactly-once" or "at-least-once"',
  );
}

/** There is a savepoint of that name. */
export class SavepointTakenError extends MillraceError {
  readonly code = "ERR_JOB_SAVEPOINT_TAKEN";

  constructor(name: string, path: string) {
    super(`there is a savepoint ${JSON.stringify(name)} already, in ${path}: give another name, or delete it first`, {
      details: { name, path },
    });
  }
}

/** There is no savepoint of that name. */
export class SavepointUnknownError extends MillraceError {
  readonly code = "ERR_JOB_SAVEPOINT_UNKNOWN";

  constructor(name: string, folder: string, names: readonly string[]) {
    const there =
      names.length === 0 ? "there is none" : `there are ${names.map((each) => JSON.stringify(each)).join(", ")}`;
    super(`there is no savepoint ${JSON.stringify(name)} in ${folder}; ${there}`, { details: { name, folder, names } });
  }
}
