/** q11: how many bids each bidder makes per session. As in SQL, a bid right at the end of a session belongs to it. */

import { count, session } from "../../../jobs/index.ts";
import { defineQuery } from "./query.ts";

interface Row {
  readonly bidder: number;
  readonly bid_count: number;
  readonly starttime: number;
  readonly endtime: number;
}

export const q11 = userSessions("q11", 10_000);
export const q11Gap2s = userSessions("q11_gap2s", 2_000);

function userSessions(name: string, gapMs: number) {
  return defineQuery<Row>({
    name,
    title: `user sessions, with gaps of ${gapMs / 1_000} s`,
    columns: ["bidder", "bid_count", "starttime", "endtime"],
    build: ({ bids }) =>
      bids
        .keyBy(({ bidder }) => bidder)
        .window(`${name}-sessions`, session(gapMs, { touching: "merge" }), count())
        .map(name, ({ key, value, window }) => ({
          bidder: key,
          bid_count: value,
          starttime: window.start,
          endtime: window.end,
        })),
    loop(events) {
      const rows: Row[] = [];
      const open = new Map<number, { bidder: number; bid_count: number; starttime: number; endtime: number }>();
      for (const event of events) {
        if (event.type !== "bid") continue;
        const { bidder, dateTime } = event;
        const last = open.get(bidder);
        if (last !== undefined && dateTime <= last.endtime) {
          last.bid_count += 1;
          last.endtime = dateTime + gapMs;
        } else {
          if (last !== undefined) rows.push(last);
          open.set(bidder, { bidder, bid_count: 1, starttime: dateTime, endtime: dateTime + gapMs });
        }
      }
      for (const last of open.values()) rows.push(last);
      return rows;
    },
  });
}
