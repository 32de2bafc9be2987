/**
 * Invoices: what is made of usage and prices, whether usage comes from last night's file or as it happens. Both jobs are built from it, so
 * that there is one place that says what is on an invoice.
 */

import { aggregate, calendar, count, type KeyedWindowResult, type Stream, sum, type Table } from "../../jobs/index.ts";
import { disorderMs, type Price, type Usage } from "./usage.ts";

/** Of a customer and a day of the calendar in Berlin; costs are in thousandths of a cent. */
export type Invoice = KeyedWindowResult<string, { readonly entries: number; readonly milliCents: number }>;

export function addInvoices(usage: Stream<Usage>, prices: Table<Price, Price["service"]>): Stream<Invoice> {
  return (
    usage
      .eventTime("used-at", { time: ({ at }) => at, outOfOrderness: disorderMs })
      .keyBy(({ service }) => service)
      // No usage is priced before all prices are there.
      .joinTable(
        "priced",
        prices,
        ({ customer, amount }, { milliCents }) => ({ customer, milliCents: amount * milliCents }),
        { awaitTable: true },
      )
      .keyBy(({ customer }) => customer)
      .window(
        "invoices",
        calendar("day", "Europe/Berlin"),
        aggregate({ entries: count(), milliCents: sum(({ milliCents }) => milliCents) }),
        { parallelism: 2 },
      )
  );
}
