/** Backoff: how long to wait before trying again. Pure: the number of failures and a random number in, a delay out. */

import { type Duration, durationMs, OptionError } from "../runtime/index.ts";

export interface Backoff {
  /** The delay after the first failure. */
  readonly delayMs: number;
  /** The longest delay. */
  readonly delayMsMax: number;
}

/**
 * The delay after failure number `failure`, from 1: it doubles with each one up to `delayMsMax`, and half of it is left
 * to chance, so that many who failed together do not come back together.
 *
 * @param random uniform in [0, 1)
 */
export function backoffDelayMs({ delayMs, delayMsMax }: Backoff, failure: number, random: number): number {
  const fullMs = Math.min(delayMsMax, delayMs * 2 ** Math.min(failure - 1, doublingsMax));
  return fullMs / 2 + (fullMs / 2) * random;
}

/** Checks the two options of a backoff; `path` names them in errors. Throws ERR_RT_OPTION. */
export function checkBackoff(path: string, delay: Duration, delayMax: Duration): Backoff {
  const delayMs = durationMs(delay, `${path}.delay`);
  const delayMsMax = durationMs(delayMax, `${path}.delayMax`);
  if (delayMsMax >= delayMs) return { delayMs, delayMsMax };
  throw new OptionError(`${path}.delayMax`, delayMax, `at least ${path}.delay (${delayMs} ms)`);
}

/** Keeps the power of two within the numbers. */
const doublingsMax = 60;
