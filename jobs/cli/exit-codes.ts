/** Exit codes of the command line; documented in its help. */

export const exitCodes = {
  /** The job completed, or was drained or stopped by one signal. */
  done: 0,
  /** The job failed; something stored is damaged, or is not there. */
  failed: 1,
  /** Wrong usage or bad input, a storage that cannot be used among it: nothing was started. */
  usage: 2,
  /** The process of the job died more often than it may be restarted. */
  processLost: 3,
  /** Cancelled by a second signal. */
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Of what was refused before anything was started. Damage is no fault of who calls. */
export function refusalExitCode(error: unknown): ExitCode {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_JOB_STORAGE_DAMAGED" ? exitCodes.failed : exitCodes.usage;
}
