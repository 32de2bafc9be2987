/** Exit codes of the command line; documented in its help. */

export const exitCodes = {
  /** The job completed, or was drained or stopped by one signal. */
  done: 0,
  /** The job failed; something stored is damaged, or is not there. */
  failed: 1,
  /** Wrong usage or bad input: nothing was started. */
  usage: 2,
  /** The process of the job died more often than it may be restarted. */
  processLost: 3,
  /** Cancelled by a second signal. */
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
