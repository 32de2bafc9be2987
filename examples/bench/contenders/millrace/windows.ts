/** millrace on `windows`: a job per round on the calling thread, with windows that overlap or do not. */

import type { Contender } from "../../contender.ts";
import { systemContender } from "./system-contender.ts";
import { assigners, type WindowParams, windowedLanes } from "./window-jobs.ts";

/** The answer is the number of events that the results hold, over the number of windows that each of them is in. */
export function windows(windows: WindowParams["windows"]): Contender {
  return systemContender({ threads: 0 }, async (system, events) => {
    const run = await system.submit(windowedLanes, { params: { events, windows } });
    await run.completed;
    let held = 0;
    for (const { value } of run.collected<{ readonly value: number }>("results")) held += value;
    return { answer: [held / assigners[windows].perEvent] };
  });
}
