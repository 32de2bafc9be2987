/**
 * Finds stolen cards: two small payments, which test whether a card works, and a large one within ten minutes. Beside it, cards
 * with which much is spent in an hour.
 */

import { defineJob, fromIterable, pattern, sum, tumbling } from "../../jobs/index.ts";
import { bankOf, disorderMs, type Payment } from "./payments.ts";

export interface FraudParams {
  readonly days: number;
}

export interface Alarm {
  readonly card: string;
  /** Of all three payments. */
  readonly cents: number;
  readonly at: number | undefined;
}

const cardTest = pattern<Payment>()
  .begin("test", ({ cents, confirmed }) => cents < 100 && !confirmed)
  .times(2)
  .notFollowedBy("owner", ({ confirmed }) => confirmed)
  .followedBy("theft", ({ cents }, { test }) => cents > 500 * Math.max(...test.map((payment) => payment.cents)))
  .within("10m");

export default defineJob("fraud", import.meta.url, (job, { days }: FraudParams) => {
  const payments = job
    .source(
      "payments",
      fromIterable(() => bankOf(days).payments),
    )
    .eventTime("paid-at", { time: ({ at }) => at, outOfOrderness: disorderMs })
    .keyBy(({ card }) => card);

  const alarms = payments.match(
    "card-test",
    cardTest,
    ({ key, captured: { test, theft }, time }): Alarm => ({
      card: key,
      cents: [...test, ...theft].reduce((total, { cents }) => total + cents, 0),
      at: time,
    }),
    { parallelism: 2 },
  );
  alarms.collect("alarms");
  alarms.late().collect("late");
  alarms.timedOut().collect("harmless");

  payments
    .window(
      "per-hour",
      tumbling("1h"),
      sum(({ cents }: Payment) => cents),
      { parallelism: 2 },
    )
    .filter("much", ({ value }) => value > 50_000)
    .collect("much-spent");
});
