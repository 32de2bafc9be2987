/** ParseRestarts: `10/1m` as 10 restarts within a minute. */

import { type Duration, durationMs } from "../../runtime/index.ts";
import { UsageError } from "./usage-error.ts";

export interface ParsedRestarts {
  readonly max: number;
  readonly within: Duration;
}

/** Throws ERR_JOB_USAGE. Bounds are checked where restarts are. */
export function parseRestarts(text: string): ParsedRestarts {
  const [, max, within] = /^(\d{1,9})\/(.+)$/.exec(text) ?? [];
  try {
    if (max !== undefined && within !== undefined && durationMs(within as Duration, "--restarts") > 0) {
      return { max: Number(max), within: within as Duration };
    }
  } catch {
    // said below
  }
  throw new UsageError(`--restarts ${text}: expected <number>/<duration>, such as --restarts 10/1m`);
}
