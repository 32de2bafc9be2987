/** q8: who opened an auction within the ten seconds in which they registered. */

import { count, tumbling } from "../../../jobs/index.ts";
import type { Person } from "../generator/event.ts";
import { defineQuery } from "./query.ts";

interface Row {
  readonly id: number;
  readonly name: string;
  readonly starttime: number;
}

const sizeMs = 10_000;

export const q8 = defineQuery<Row>({
  name: "q8",
  title: "new users: a join of windows",
  columns: ["id", "name", "starttime"],
  build: ({ persons, auctions }) =>
    persons
      .keyBy(({ id }) => id)
      .windowJoin(
        "q8-joined",
        // However many auctions somebody opens, it is one seller.
        auctions
          .keyBy(({ seller }) => seller)
          .window("q8-sellers", tumbling(sizeMs), count())
          .keyBy(({ key }) => key),
        tumbling(sizeMs),
        ({ id, name }) => ({ id, name }),
      )
      .map("q8", ({ window, value: { id, name } }) => ({ id, name, starttime: window.start })),
  loop(events) {
    const rows: Row[] = [];
    const persons: Person[] = [];
    const sellers = new Map<number, Set<number>>();
    for (const event of events) {
      if (event.type === "person") persons.push(event);
      if (event.type !== "auction") continue;
      const start = startOf(event.dateTime);
      const ofWindow = sellers.get(start);
      if (ofWindow === undefined) sellers.set(start, new Set([event.seller]));
      else ofWindow.add(event.seller);
    }
    for (const { id, name, dateTime } of persons) {
      const starttime = startOf(dateTime);
      if (sellers.get(starttime)?.has(id) === true) rows.push({ id, name, starttime });
    }
    return rows;
  },
});

function startOf(time: number): number {
  return time - (time % sizeMs);
}
