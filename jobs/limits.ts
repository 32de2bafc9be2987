/** Bounds of the jobs room, each with its unit. Reaching one has the effect that its line says. */

import { keyGroupCount } from "../actors/index.ts";

/** Instances of one operator, as many as there are key groups; more are refused (ERR_JOB_PARALLELISM). */
export const parallelismMax = keyGroupCount;
/** Sources, operators and sinks of one job; more are refused (ERR_JOB_TOO_LARGE). */
export const nodeCountMax = 2_000;
/** Channels of one job, each with an outbox at its sender; more are refused (ERR_JOB_TOO_LARGE). */
export const channelCountMax = 100_000;
