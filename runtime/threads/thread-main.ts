/** The task that piscina runs on each worker thread: one real host per thread. */

import { Host } from "../host/host.ts";
import { serveHost } from "./host-thread.ts";
import type { ThreadTask, taskStopped } from "./thread-protocol.ts";

export function hostThread(task: ThreadTask): Promise<typeof taskStopped> {
  return serveHost(task, (settings, seams) => new Host(settings, seams));
}
