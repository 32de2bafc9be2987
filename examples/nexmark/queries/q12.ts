/**
 * q12: how many bids each bidder makes in ten seconds by the clock of the machine. Which bids fall together differs from run to run, so
 * all that can be compared is how many there are.
 */

import { count, type KeyedWindowResult, tumbling } from "../../../jobs/index.ts";
import type { NexmarkEvent } from "../generator/event.ts";
import { defineUpdatingQuery } from "./query.ts";

interface Row {
  readonly bids: number;
}

export const q12 = defineUpdatingQuery<Row, KeyedWindowResult<number, number>>({
  name: "q12",
  title: "windows of processing time (only the number of bids is compared)",
  columns: ["bids"],
  build: ({ bids }) =>
    bids.keyBy(({ bidder }) => bidder).window("q12", tumbling(sizeMs), count(), { time: "processing" }),
  rowsOf,
  // It looks at the clock behind every so many events, as a job does with each batch.
  loop(events) {
    const results: KeyedWindowResult<number, number>[] = [];
    let counts = new Map<number, number>();
    let start = startOf(Date.now());
    for (let index = 0; index < events.length; index += 1) {
      if (index % clockEvents === 0 && startOf(Date.now()) !== start) {
        tell(counts, start, results);
        counts = new Map();
        start = startOf(Date.now());
      }
      const event = events[index] as NexmarkEvent;
      if (event.type === "bid") counts.set(event.bidder, (counts.get(event.bidder) ?? 0) + 1);
    }
    tell(counts, start, results);
    return rowsOf(results);
  },
});

/** How many events the loop takes before it looks at the clock again. */
const clockEvents = 1_024;
const sizeMs = 10_000;

function startOf(time: number): number {
  return time - (time % sizeMs);
}

function tell(counts: ReadonlyMap<number, number>, start: number, results: KeyedWindowResult<number, number>[]): void {
  const window = { start, end: start + sizeMs };
  for (const [key, value] of counts) results.push({ key, window, value, revision: 0 });
}

function rowsOf(results: readonly KeyedWindowResult<number, number>[]): readonly Row[] {
  return [{ bids: results.reduce((total, { value }) => total + value, 0) }];
}
