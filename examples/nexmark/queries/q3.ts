/** q3: who offers something of a category in certain states: a join without a bound, in whichever order both come. */

import type { Auction, Person } from "../generator/event.ts";
import { defineQuery } from "./query.ts";
import { unbounded } from "./unbounded.ts";

interface Row {
  readonly name: string;
  readonly city: string;
  readonly state: string;
  /** Of the auction. */
  readonly id: number;
}

const category = 10;
const states: ReadonlySet<string> = new Set(["OR", "ID", "CA"]);

export const q3 = defineQuery<Row>({
  name: "q3",
  title: "local item suggestion: an unbounded join",
  columns: ["name", "city", "state", "id"],
  build: ({ auctions, persons }) =>
    auctions
      .filter("q3-auctions", isOfCategory)
      .keyBy(({ seller }) => seller)
      .intervalJoin(
        "q3",
        persons.filter("q3-persons", isLocal).keyBy(({ id }) => id),
        unbounded,
        rowOf,
      ),
  loop(events) {
    const rows: Row[] = [];
    const persons = new Map<number, Person>();
    const waiting = new Map<number, Auction[]>();
    for (const event of events) {
      if (event.type === "auction" && isOfCategory(event)) {
        const person = persons.get(event.seller);
        if (person !== undefined) rows.push(rowOf(event, person));
        const others = waiting.get(event.seller);
        if (others === undefined) waiting.set(event.seller, [event]);
        else others.push(event);
      } else if (event.type === "person" && isLocal(event)) {
        persons.set(event.id, event);
        for (const auction of waiting.get(event.id) ?? []) rows.push(rowOf(auction, event));
      }
    }
    return rows;
  },
});

function isOfCategory(auction: Auction): boolean {
  return auction.category === category;
}

function isLocal({ state }: Person): boolean {
  return states.has(state);
}

function rowOf({ id }: Auction, { name, city, state }: Person): Row {
  return { name, city, state, id };
}
