/** What a run does at its end, whatever becomes of it: what fails here is logged, and changes nothing about what the job did. */

import { type Logger, toWire } from "../../runtime/index.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import type { HostedJob } from "./hosted-job.ts";

/** The last checkpoint is complete or not, whatever happens to the file at its end. */
export async function closeStore(store: CheckpointStore, logger: Logger): Promise<void> {
  try {
    await store.close();
  } catch (error) {
    const { message } = toWire(error);
    logger.log("error", "the storage of a job failed while it was closed", { place: store.place, message });
  }
}

/** What services throw at their end changes nothing about what the job did. */
export async function disposeServices(hosted: HostedJob, logger: Logger): Promise<void> {
  try {
    await hosted.dispose();
  } catch (error) {
    const { message } = toWire(error);
    logger.log("error", "services of a job failed while they were disposed", {
      job: hosted.graph.name,
      error: message,
    });
  }
}
