/** Linger: how long results wait for a fuller batch while their operator has more to do. */

import { flushIntervalMs } from "../actors/index.ts";
import { type Duration, durationMs, OptionError } from "../runtime/index.ts";
import { lingerMsMax } from "./limits.ts";

/**
 * In ms.
 *
 * @throws ERR_RT_OPTION
 */
export function lingerMsOf(linger: Duration | undefined): number {
  if (linger === undefined) return flushIntervalMs;
  const ms = durationMs(linger, "linger");
  if (ms > lingerMsMax) throw new OptionError("linger", linger, `a duration of at most ${lingerMsMax} ms`);
  return ms;
}
