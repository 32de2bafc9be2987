/** noteCompleted: the sources of a job that has completed read nothing when it is submitted again, which may surprise. */

import type { Logger } from "../../runtime/index.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";

/** Says so when the checkpoint is one of a job that has come to its end. */
export function noteCompleted(logger: Logger, store: CheckpointStore, { chains }: JobPlan, job: string): void {
  const cells = chains.flatMap(({ id, instances }) => instances.map(({ instance }) => cellKey(id, instance)));
  if (!cells.every((cell) => store.restoreOf(cell)?.ended)) return;
  const message =
    `job ${JSON.stringify(job)} has come to its end before: its sources read nothing, also when their inputs have grown; ` +
    "another name or storage begins anew";
  logger.log("warn", message, { place: store.place });
}
