/** warnOfCompleted: a job that has completed does nothing when it is submitted again with its storage, which may surprise. */

import type { Logger } from "../../runtime/index.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";

/** Says so when the checkpoint is one of a job that has come to its end. */
export function warnOfCompleted(logger: Logger, store: CheckpointStore, { chains }: JobPlan, job: string): void {
  const cells = chains.flatMap(({ id, instances }) => instances.map(({ instance }) => cellKey(id, instance)));
  if (!cells.every((cell) => store.restoreOf(cell)?.ended)) return;
  logger.log(
    "warn",
    "this job has come to its end before, and does nothing: what was appended to its inputs is not read",
    {
      job,
      place: store.place,
      epoch: store.epoch,
    },
  );
}
