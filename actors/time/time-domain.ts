/** TimeDomain: which time something goes by. */

import { OptionError } from "../../runtime/index.ts";

/** That of the events, as far as the watermark says it has come, or that of the wall clock. */
export type TimeDomain = "event" | "processing";

/** @throws ERR_RT_OPTION */
export function checkTimeDomain(what: string, time: unknown): asserts time is TimeDomain {
  if (time !== "event" && time !== "processing") throw new OptionError(what, time, '"event" or "processing"');
}
