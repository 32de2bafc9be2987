/** ProcessKill: SIGKILL for the process that runs the job, once, when half of the flights were read. */

import { isHalfRead } from "./flights-report.ts";
import type { FlightsRun } from "./flights-run.ts";

const lookPeriodMs = 10;

/** Returns what keeps it from happening, when it has not happened yet. */
export function killProcessHalfWay(run: FlightsRun, say: (line: string) => void): () => void {
  let isOver = false;
  const look = async () => {
    const { pid } = run;
    // A report that cannot be had is looked at the next time.
    const isHalf = await run.report().then(isHalfRead, () => false);
    if (isOver) return;
    if (!isHalf || pid === undefined || pid !== run.pid) {
      setTimeout(() => void look(), lookPeriodMs);
      return;
    }
    say(`kill -9     the process of the job, ${pid}`);
    process.kill(pid, "SIGKILL");
  };
  void look();
  return () => {
    isOver = true;
  };
}
