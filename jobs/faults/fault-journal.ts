/**
 * FaultJournal: which faults have struck, a line each, written by whichever thread is about to strike; it outlives threads and
 * processes, so that nothing that was to happen once happens twice.
 */

import { appendFileSync, readFileSync } from "node:fs";

export interface JournalEntry {
  /** Its place in the plan. */
  readonly fault: number;
  /** Since the run began, in ms. */
  readonly atMs: number;
}

/** On the disk of this machine when it returns, whatever becomes of the process. */
export function noteStrike(path: string, entry: JournalEntry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`);
}

/** What was written, in order; nothing when nobody has written yet. A line that a kill has cut off is none. */
export function struckSoFar(path: string): readonly JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalEntry];
    } catch {
      return [];
    }
  });
}
