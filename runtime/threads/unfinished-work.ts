/**
 * unfinishedWork: how much the threads of a system have taken on and not handed to others, told in shared memory by two counters
 * that only grow, and wrap around. Work that moves is taken by one thread before the other says that it is done with it. So
 * whoever reads what is done everywhere, and then what was taken, misses nothing that is on its way between two threads: what he
 * finds is at least what there was in between.
 */

import { progressField } from "./progress-field.ts";

/** @param progress of each thread */
export function unfinishedWork(progress: readonly Int32Array[]): number {
  const done = progress.map((fields) => Atomics.load(fields, progressField.workDone));
  const taken = progress.map((fields) => Atomics.load(fields, progressField.workTaken));
  return taken.reduce((sum, count, thread) => sum + ((count - (done[thread] ?? 0)) | 0), 0);
}

/** A thread has taken on so much more; less than 0: so much is done. */
export function countWork(progress: Int32Array, change: number): void {
  if (change > 0) Atomics.add(progress, progressField.workTaken, change);
  else if (change < 0) Atomics.add(progress, progressField.workDone, -change);
}
