/** q5: the auctions with the most bids in the last ten seconds, every two seconds: two aggregations, one on top of the other. */

import { count, sliding, tumbling } from "../../../jobs/index.ts";
import { hottest } from "./hottest.ts";
import { defineQuery } from "./query.ts";

interface Row {
  readonly window_start: number;
  readonly window_end: number;
  readonly auction: number;
  readonly num: number;
}

const sizeMs = 10_000;
const slideMs = 2_000;

export const q5 = hotItems("q5", slideMs);

/** How often auctions are looked at differs from version to version. */
function hotItems(name: string, slideMs: number) {
  return defineQuery<Row>({
    name,
    title: `hot items: the most bids in sliding windows of ${sizeMs / 1_000} s, every ${slideMs / 1_000} s`,
    columns: ["window_start", "window_end", "auction", "num"],
    build: ({ bids }) =>
      bids
        .keyBy(({ auction }) => auction)
        .window(`${name}-counts`, sliding(sizeMs, slideMs), count())
        .map(`${name}-counted`, ({ key, value }) => ({ auction: key, num: value }))
        // Counts of one window all have its last moment for their time, and so are in one of the windows that follow each other.
        .window(`${name}-hottest`, tumbling(slideMs), hottest)
        .flatMap(name, ({ window: { end }, value }) =>
          value.map(({ auction, num }) => ({ window_start: end - sizeMs, window_end: end, auction, num })),
        ),
    loop(events) {
      const rows: Row[] = [];
      const panes = new Map<number, Map<number, number>>();
      for (const event of events) {
        if (event.type !== "bid") continue;
        const start = event.dateTime - (event.dateTime % slideMs);
        let counts = panes.get(start);
        if (counts === undefined) {
          counts = new Map();
          panes.set(start, counts);
        }
        counts.set(event.auction, (counts.get(event.auction) ?? 0) + 1);
      }
      const starts = new Set([...panes.keys()].flatMap((start) => startsOfWindows(start, slideMs)));
      for (const start of starts) {
        const totals = new Map<number, number>();
        for (let pane = start; pane < start + sizeMs; pane += slideMs) {
          for (const [auction, num] of panes.get(pane) ?? []) totals.set(auction, (totals.get(auction) ?? 0) + num);
        }
        const most = Math.max(...totals.values());
        for (const [auction, num] of totals) {
          if (num === most) rows.push({ window_start: start, window_end: start + sizeMs, auction, num });
        }
      }
      return rows;
    },
  });
}

/** Of all windows that a pane is in. */
function startsOfWindows(pane: number, slideMs: number): number[] {
  return Array.from({ length: sizeMs / slideMs }, (_, index) => pane - index * slideMs);
}
