/** AddedStats: what a cell did over the times that it started over. */

import { noCounters, type OperatorCounters, type StreamCellStats } from "../../actors/index.ts";
import type { JobCell } from "./job-cell.ts";

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
  return {
    operators: addedCounters(left?.operators, right?.operators),
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

/** By operator name. */
function addedCounters(
  left: StreamCellStats["operators"] = {},
  right: StreamCellStats["operators"] = {},
): StreamCellStats["operators"] {
  const operators: Record<string, OperatorCounters> = {};
  for (const [name, counters] of [...Object.entries(left), ...Object.entries(right)]) {
    const sum = operators[name] ?? noCounters;
    operators[name] = {
      in: sum.in + counters.in,
      out: sum.out + counters.out,
      deadLetters: sum.deadLetters + counters.deadLetters,
      late: sum.late + counters.late,
      early: sum.early + counters.early,
    };
  }
  return operators;
}

/** A cell has told what its operators had counted at a barrier. */
export function countAtBarrier(cell: JobCell, epoch: number, operators: StreamCellStats["operators"]): void {
  cell.counted.push({ epoch, operators: addedCounters(cell.before?.operators, operators) });
}

/** The checkpoint of an epoch is complete: what was counted at barriers before it is of no use any more. */
export function keepCounted(cell: JobCell, epoch: number): void {
  const atCheckpoint = cell.counted.findLastIndex((counted) => counted.epoch <= epoch);
  if (atCheckpoint > 0) cell.counted.splice(0, atCheckpoint);
}

/** A cell starts over from the checkpoint of an epoch, and with it its counters. */
export function countFromCheckpoint(cell: JobCell, epoch: number): void {
  cell.counted = cell.counted.filter((counted) => counted.epoch <= epoch).slice(-1);
  const operators = cell.counted[0]?.operators ?? {};
  cell.before = { ...addedStats(cell.before, cell.stats, 0), operators, lostEvents: cell.before?.lostEvents ?? 0 };
  cell.stats = undefined;
}
