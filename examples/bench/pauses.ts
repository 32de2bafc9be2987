/** WatchPauses: how long the garbage collector stops a thread. Each thread sees only its own. */

import { PerformanceObserver } from "node:perf_hooks";

export interface PauseWatch {
  /** Ends watching. Returns the longest pause, in ms, since it began; 0 when there was none. */
  stop(): number;
}

export function watchPauses(): PauseWatch {
  let longestMs = 0;
  const startMs = performance.now();
  const take = (entries: readonly { readonly startTime: number; readonly duration: number }[]): void => {
    for (const { startTime, duration } of entries) {
      if (startTime >= startMs) longestMs = Math.max(longestMs, duration);
    }
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  return {
    stop() {
      take(observer.takeRecords());
      observer.disconnect();
      return longestMs;
    },
  };
}
