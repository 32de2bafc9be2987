/** AddedStats: what a cell did over the threads that it ran on. */

import type { OperatorCounters, StreamCellStats } from "../../actors/index.ts";

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
    for (const [name, { in: taken, out, deadLetters }] of Object.entries(stats?.operators ?? {})) {
      const sum = operators[name] ?? { in: 0, out: 0, deadLetters: 0 };
      operators[name] = { in: sum.in + taken, out: sum.out + out, deadLetters: sum.deadLetters + deadLetters };
    }
  }
  return {
    operators,
    waits: right?.waits ?? {},
    progress: right?.progress ?? left?.progress,
    unsentEvents: right?.unsentEvents ?? 0,
    wait: right?.wait ?? { kind: "none" },
    quietMs: right?.quietMs ?? 0,
    lostEvents: (left?.lostEvents ?? 0) + (right?.lostEvents ?? 0) + lostEvents,
  };
}
