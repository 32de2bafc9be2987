/** AddedStats: what a cell did over the threads that it ran on. */

import { noCounters, type OperatorCounters, type StreamCellStats } from "../../actors/index.ts";

/**
 * The counters of a cell over two threads, the older one first.
 *
 * @param lostEvents what was lost between them
 */
export function addedStats(
  left: StreamCellStats | undefined,
  right: StreamCellStats | undefined,
  lostEvents: number,
): StreamCellStats {
  const operators: Record<string, OperatorCounters> = {};
  for (const stats of [left, right]) {
    for (const [name, counters] of Object.entries(stats?.operators ?? {})) {
      const sum = operators[name] ?? noCounters;
      operators[name] = {
        in: sum.in + counters.in,
        out: sum.out + counters.out,
        deadLetters: sum.deadLetters + counters.deadLetters,
        late: sum.late + counters.late,
        early: sum.early + counters.early,
      };
    }
  }
  return {
    operators,
    waits: right?.waits ?? {},
    sizes: right?.sizes ?? {},
    watermarks: right?.watermarks ?? {},
    inputs: right?.inputs ?? [],
    progress: right?.progress ?? left?.progress,
    unsentEvents: right?.unsentEvents ?? 0,
    keys: right?.keys ?? left?.keys ?? [],
    wait: right?.wait ?? { kind: "none" },
    quietMs: right?.quietMs ?? 0,
    lostEvents: (left?.lostEvents ?? 0) + (right?.lostEvents ?? 0) + lostEvents,
  };
}
