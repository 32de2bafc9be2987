import { describe, expectTypeOf, test } from "vitest";
import { aggregate, type Change, fromIterable, type Latest, max, mean, stdout, sum, upsert } from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import type { Stream } from "./stream.ts";
import type { Table } from "./table.ts";
import { table } from "./tables/table-sink.ts";

interface Order {
  readonly id: number;
  readonly customer: string;
  readonly value: number;
}
interface Customer {
  readonly id: string;
  readonly city?: string;
}

describe("the types of tables", () => {
  defineJob("types", (job) => {
    const events = job.source("orders", fromIterable<Order>([]));
    const orders = events.asTable("by-id", ({ id }) => id);
    const customers = job.source("customers", fromIterable<Customer>([])).asTable("customers-by-id", ({ id }) => id);

    test("rows and keys come from events", () => {
      expectTypeOf(orders).toEqualTypeOf<Table<Order, number>>();
      const values = events.asTable("values", ({ id }) => id, { row: ({ value }) => (value > 0 ? value : null) });
      expectTypeOf(values).toEqualTypeOf<Table<number, number>>();
      expectTypeOf(orders.changes()).toExtend<Stream<Change<Order, number>>>();
      expectTypeOf(orders.changes().fromChanges("again")).toEqualTypeOf<Table<Order, number>>();
      expectTypeOf(orders.latest("latest")).toExtend<Stream<Latest<Order, number>>>();
      // @ts-expect-error events that are no changes
      events.fromChanges("wrong");
      // @ts-expect-error an object is no key
      events.asTable("wrong", (event) => event);
    });

    test("aggregates know the rows, and are rows by group", () => {
      const groups = orders.groupBy(({ customer }) => customer);
      expectTypeOf(
        groups.aggregate(
          "sum",
          sum(({ value }) => value),
        ),
      ).toEqualTypeOf<Table<number, string>>();
      const several = groups.aggregate(
        "several",
        aggregate({ mean: mean(({ value }) => value), last: max(({ id }) => id) }),
      );
      expectTypeOf(several).toEqualTypeOf<Table<{ mean: number; last: number }, string>>();
      groups.aggregate(
        "wrong",
        // @ts-expect-error orders have no price
        sum(({ price }) => price),
      );
    });

    test("top-N and distinct-on show rows, or what is made of them", () => {
      const order = (left: Order, right: Order) => left.value - right.value;
      expectTypeOf(orders.topN("top", 3, { order })).toEqualTypeOf<Table<Order, number>>();
      const ranked = orders.groupBy(({ customer }) => customer).topN("ranked", 3, { order, result: (_, rank) => rank });
      expectTypeOf(ranked).toEqualTypeOf<Table<number, number>>();
      expectTypeOf(orders.distinctOn("first", ({ customer }) => customer)).toEqualTypeOf<Table<Order, string>>();
    });

    test("a side of a join may be null where the type of the join says so", () => {
      const on = ({ customer }: Order) => customer;
      const inner = orders.join("inner", customers, ({ id }, { city }) => `${id} ${city}`, { on });
      expectTypeOf(inner).toEqualTypeOf<Table<string, number>>();
      const left = orders.join("left", customers, (_, customer) => customer, { type: "left", on });
      expectTypeOf(left).toEqualTypeOf<Table<Customer, number>>();
      const full = orders.join("full", customers, (order, customer) => ({ order, customer }), { type: "full", on });
      expectTypeOf(full).toEqualTypeOf<Table<{ order: Order | undefined; customer: Customer | undefined }, string>>();
      const own = orders.join("own", orders, (one, other) => one.value + other.value);
      expectTypeOf(own).toEqualTypeOf<Table<number, number>>();
      // @ts-expect-error the right side may be missing
      orders.join("wrong", customers, (_, { city }) => city, { type: "left", on });
      // @ts-expect-error other keys, and no `on`
      orders.join("wrong-key", customers, (order) => order);
      // @ts-expect-error customers have texts for keys
      orders.join("wrong-on", customers, (order) => order, { on: ({ id }) => id });
    });

    test("as-of joins and joins of streams know both sides", () => {
      const nearest = orders.asOfJoin(
        "nearest",
        customers,
        (order, customer) => ({ order, city: customer?.city ?? "" }),
        {
          type: "left",
          on: [({ customer }) => customer, ({ id }) => id],
          time: [({ value }) => value, () => new Date(0)],
        },
      );
      expectTypeOf(nearest).toEqualTypeOf<Table<{ order: Order; city: string }, number>>();
      const joined = events
        .keyBy(({ customer }) => customer)
        .joinTable("joined", customers, ({ id }, customer) => [id, customer.id] as const);
      expectTypeOf(joined).toExtend<Stream<readonly [number, string]>>();
      // @ts-expect-error the keys are numbers here, and texts there
      events.keyBy(({ id }) => id).joinTable("wrong", customers, () => 1);
    });

    test("sinks take what they are written for", () => {
      orders.sink("table", table("orders", { columns: ["id", "value"], key: ["id"] }));
      orders.sink("upsert", upsert({ key: ({ key }: Change<Order, number>) => key, write: () => undefined }));
      // @ts-expect-error a column that rows do not have
      orders.sink("wrong", table("orders", { columns: ["price"], key: ["price"] }));
      orders.sink("upsert-too", upsert<Change<Order, number>>({ key: (change) => change.key, write: () => undefined }));
      // @ts-expect-error a sink that was made for rows
      orders.sink("wrong-sink", stdout<Order>());
    });
  });
});
