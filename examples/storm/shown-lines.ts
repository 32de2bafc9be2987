/** What the file of the storm shows, compared with what a run without faults shows. */

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { keyCount } from "./storm.job.ts";

export interface ShownLines {
  readonly lines: number;
  /** Events that are not shown. */
  readonly missing: number;
  /** Lines of an event that was shown before. */
  readonly doubled: number;
  /** Lines that are none of this job. */
  readonly foreign: number;
  /** Lines behind one of a later event of their key. */
  readonly disordered: number;
  /** Lines with another count than a run without faults shows for that event. */
  readonly miscounted: number;
}

export async function shownLines(path: string, events: number): Promise<ShownLines> {
  const seen = new Uint8Array(events);
  const newest = new Float64Array(keyCount).fill(-1);
  const found = { lines: 0, missing: 0, doubled: 0, foreign: 0, disordered: 0, miscounted: 0 };
  for await (const line of createInterface({ input: createReadStream(path) })) {
    found.lines += 1;
    const [key = -1, count = -1, event = -1] = /^\d+ \d+ \d+$/.test(line) ? line.split(" ").map(Number) : [];
    if (event < 0 || event >= events || event % keyCount !== key) {
      found.foreign += 1;
      continue;
    }
    if (seen[event] === 1) found.doubled += 1;
    seen[event] = 1;
    if (event <= (newest[key] ?? -1)) found.disordered += 1;
    newest[key] = event;
    if (count !== Math.floor(event / keyCount) + 1) found.miscounted += 1;
  }
  found.missing = seen.reduce((sum, each) => sum + (each === 0 ? 1 : 0), 0);
  return found;
}
