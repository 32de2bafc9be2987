import { expect, test } from "vitest";
import { generate, type ProcessContext } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";

interface Order {
  readonly customer: number;
  readonly time: number;
}

const orderCount = 1_000;
const customerCount = 10;

/** Counts the orders of each 100 ms of event time, and adds what it knows of the customer. */
function named() {
  return {
    onEvent(event: Order, context: ProcessContext<string>): void {
      const name = context.state.value<number>("name");
      const orders = context.state.map<number, number>("orders");
      if (context.input === 1) return name.set(event.customer);
      if (event.time <= context.watermark) return context.late(event);
      const last = Math.floor(event.time / 100) * 100 + 99;
      orders.set(last, (orders.get(last) ?? 0) + 1);
      context.timers.setEventTime(last);
    },
    onTimer({ time }: { readonly time: number }, context: ProcessContext<string>): void {
      const name = context.state.value<number>("name").get();
      context.emit(`${time}: ${String(context.key)} ${String(name)} ${context.state.map("orders").get(time)}`);
    },
  };
}

const job = defineJob("orders", (job) => {
  const timed = { time: ({ time }: Order) => time };
  const orders = job
    .source("orders", generate({ count: orderCount }))
    .map("order", (number): Order => ({ customer: number % customerCount, time: number }))
    .eventTime("order-time", timed);
  const customers = job
    .source("customers", generate({ count: customerCount }))
    .map("customer", (customer): Order => ({ customer, time: 0 }))
    .eventTime("customer-time", timed);
  const results = orders
    .keyBy(({ customer }) => customer)
    .processWith(
      "named",
      customers.keyBy(({ customer }) => customer),
      named,
      { parallelism: 2 },
    );
  results.collect("all");
  results.late().collect("late");
});

const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["without a fault", []],
  ["when it throws and its thread is lost", [crash("named", 1).after(300), crash(host(1)).at(30)]],
  ["when the process is killed", [killProcess().at(20), killProcess().at(50)]],
];

test.each(plans)("an operator knows its inputs, and its timers fire once, %s", async (_, faults) => {
  const expected = Array.from({ length: customerCount }, (_, customer) =>
    Array.from({ length: orderCount / 100 }, (_, step) => {
      return `${step * 100 + 99}: ${customer} ${customer} ${100 / customerCount}`;
    }),
  ).flat();

  const simulation = await simulatedExactlyOnce(job, { seed: 7, faults });

  expect(simulation.collected("late")).toEqual([]);
  expect([...simulation.collected<string>("all")].sort()).toEqual(expected.sort());
});
