/** Errors of the storage of a job. Each names the file or directory; none of them changes what is stored. */

import { StateTooLargeError } from "../../actors/index.ts";
import { fromWire, MillraceError, type WireError } from "../../runtime/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { SavepointTakenError, SavepointUnknownError } from "./savepoint-error.ts";

/** The storage cannot be read or written: no such place, no permission, no space, a failing disk; the cause says which. */
export class StorageError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE";
}

/** What is stored is not what was written: bits flipped, a file cut off, removed, or put back from before. */
export class StorageDamagedError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE_DAMAGED";
}

/** The file belongs to another job, or to another program. */
export class StorageForeignError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE_FOREIGN";
}

/** The file was written by another version of millrace, in a format that this one does not read. */
export class StorageFormatError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE_FORMAT";
}

/** The job is not the one whose checkpoint is stored. */
export class StorageGraphError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE_GRAPH";
}

/** What is stored was stored under a guarantee that the one of this run cannot go on from. */
export class StorageGuaranteeError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE_GUARANTEE";

  constructor(place: string, guarantee: Guarantee, holdsReservations: boolean) {
    const [holds, allowed] = holdsReservations
      ? ["positions reserved under at-most-once", '"at-most-once"']
      : ["checkpoints", '"at-least-once" or "exactly-once"'];
    super(
      `${place} holds ${holds}, which a run under ${guarantee} cannot go on from without losing or repeating events: ` +
        `submit the job with guarantee ${allowed}, or give it another storage`,
      { details: { place, guarantee, holdsReservations } },
    );
  }
}

/** A table of the job is there already, and is another one. */
export class StorageTableError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE_TABLE";
}

/** Another run uses the storage. */
export class StorageLockedError extends MillraceError {
  readonly code = "ERR_JOB_STORAGE_LOCKED";
}

/** What the store thread has thrown, as the error it was there; anything unexpected is an ERR_JOB_STORAGE. */
export function storageErrorOf(place: string, wire: WireError): MillraceError {
  const { message, details = {}, cause, code } = wire;
  const options = { details, ...(cause === undefined ? {} : { cause: fromWire(cause) }) };
  switch (code) {
    case "ERR_ACT_STATE_TOO_LARGE":
      return new StateTooLargeError(message, options);
    case "ERR_JOB_STORAGE":
      return new StorageError(message, options);
    case "ERR_JOB_STORAGE_DAMAGED":
      return new StorageDamagedError(message, options);
    case "ERR_JOB_STORAGE_FOREIGN":
      return new StorageForeignError(message, options);
    case "ERR_JOB_STORAGE_FORMAT":
      return new StorageFormatError(message, options);
    case "ERR_JOB_STORAGE_GRAPH":
      return new StorageGraphError(message, options);
    case "ERR_JOB_STORAGE_TABLE":
      return new StorageTableError(message, options);
    case "ERR_JOB_STORAGE_LOCKED":
      return new StorageLockedError(message, options);
    case "ERR_JOB_SAVEPOINT_TAKEN":
      return new SavepointTakenError(String(details.name), String(details.path));
    case "ERR_JOB_SAVEPOINT_UNKNOWN":
      return new SavepointUnknownError(
        String(details.name),
        String(details.folder),
        details.names as readonly string[],
      );
    default:
      return new StorageError(`${place} failed: ${message}`, { cause: fromWire(wire), details: { place } });
  }
}
