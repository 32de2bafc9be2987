/** What must compile about joins, with the types that are inferred, and what must not. Checked by `tsc`, never run. */

import { expectTypeOf } from "vitest";
import { type Key, type LookedUp, type ProcessContext, session, tumbling, type WindowJoined } from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import { sampleSource } from "./fixtures/sample-specs.ts";
import type { Stream, TimedStream } from "./stream.ts";

interface Click {
  readonly user: string;
  readonly ad: string;
}
interface Order {
  readonly customer: string;
  readonly total: number;
}

defineJob("joins", (job) => {
  const clicks = job.source("clicks", sampleSource<Click>()).keyBy(({ user }) => user);
  const orders = job.source("orders", sampleSource<Order>()).keyBy(({ customer }) => customer);
  const byTotal = job.source("totals", sampleSource<Order>()).keyBy(({ total }) => total);
  const interval = { lower: "-5s", upper: 10 } as const;

  // The sides of an inner join are there, whether or not it is said to be one.
  const inner = clicks.intervalJoin("inner", orders, interval, (click, order) => {
    expectTypeOf(click).toEqualTypeOf<Click>();
    expectTypeOf(order).toEqualTypeOf<Order>();
    return order.total;
  });
  expectTypeOf(inner).toEqualTypeOf<TimedStream<number, Click | Order>>();
  clicks.intervalJoin("said", orders, interval, (click, order) => click.ad.length + order.total, { type: "inner" });
  clicks.intervalJoin("others", orders, interval, (click, order) => click.ad.length + order.total, { parallelism: 2 });

  // In an outer join the other side may be missing.
  clicks.intervalJoin(
    "left",
    orders,
    interval,
    (click, order) => {
      expectTypeOf(click).toEqualTypeOf<Click>();
      expectTypeOf(order).toEqualTypeOf<Order | undefined>();
    },
    { type: "left" },
  );
  clicks.intervalJoin(
    "right",
    orders,
    interval,
    (click, order) => {
      expectTypeOf(click).toEqualTypeOf<Click | undefined>();
      expectTypeOf(order).toEqualTypeOf<Order>();
    },
    { type: "right" },
  );
  clicks.intervalJoin(
    "full",
    orders,
    interval,
    (click, order) => {
      expectTypeOf(click).toEqualTypeOf<Click | undefined>();
      expectTypeOf(order).toEqualTypeOf<Order | undefined>();
    },
    { type: "full" },
  );
  // @ts-expect-error the order may be missing
  clicks.intervalJoin("missing", orders, interval, (_, order) => order.total, { type: "left" });

  // @ts-expect-error keys of another type
  clicks.intervalJoin("keys", byTotal, interval, (click) => click);
  // @ts-expect-error a stream without keys
  clicks.intervalJoin("no-keys", job.source("plain", sampleSource<Order>()), interval, (click) => click);
  // @ts-expect-error no such type
  clicks.intervalJoin("type", orders, interval, (click) => click, { type: "outer" });
  // @ts-expect-error a bound is missing
  clicks.intervalJoin("bound", orders, { lower: 0 }, (click) => click);
  // Window joins give the window, too.
  const joined = clicks.windowJoin("joined", orders, tumbling("5m"), (click, order) => click.ad.length + order.total);
  expectTypeOf(joined).toEqualTypeOf<TimedStream<WindowJoined<string, number>, Click | Order>>();
  const gap = (event: Click | Order) => ("ad" in event ? 5 : "1m");
  clicks.windowJoin(
    "of-sessions",
    orders,
    session(gap),
    (click, order) => {
      expectTypeOf(click).toEqualTypeOf<Click | undefined>();
      expectTypeOf(order).toEqualTypeOf<Order | undefined>();
    },
    { type: "full" },
  );
  const gapOfClicks = session((click: Click) => click.ad.length);
  // @ts-expect-error the gap of one side only
  clicks.windowJoin("one-side", orders, gapOfClicks, (click) => click);
  // @ts-expect-error keys of another type
  clicks.windowJoin("window-keys", byTotal, tumbling("5m"), (click) => click);
  // @ts-expect-error the click may be missing
  clicks.windowJoin("no-click", orders, tumbling("5m"), (click) => click.ad, { type: "right" });

  // Lookups give the event, and what was found.
  const plain = job.source("orders-again", sampleSource<Order>());
  const found = plain.lookup("found", async (order) => (order.total > 0 ? order.customer : undefined));
  expectTypeOf(found).toEqualTypeOf<Stream<LookedUp<Order, string | undefined>, Order>>();
  clicks.lookup("by-key", async ({ ad }) => ad.length, { cache: { ttl: "1m" }, order: "per-key" });
  // @ts-expect-error without keyBy the cache needs to know its key
  plain.lookup("without-key", async () => 1, { cache: { ttl: "1m" } });
  // @ts-expect-error an answer is not good for ever
  plain.lookup("without-ttl", async () => 1, { cache: { key: ({ customer }) => customer } });

  // An operator with rules is told what they are, and its state is that of the key.
  interface Limit {
    readonly customer: string;
    readonly most: number | undefined;
  }
  const limits = job.source("limits", sampleSource<Limit>());
  const alerts = orders.withBroadcast("alerts", limits, () => ({
    onRule(limit, rules) {
      expectTypeOf(limit).toEqualTypeOf<Limit>();
      rules.set(limit.customer, limit);
      // @ts-expect-error not a limit
      rules.set(limit.customer, 1);
    },
    onEvent(order: Order, context: ProcessContext<string>, rules) {
      expectTypeOf(rules).toEqualTypeOf<ReadonlyMap<Key, Limit>>();
      context.emit(order.customer);
      // @ts-expect-error events change no rules
      rules.delete(order.customer);
    },
  }));
  expectTypeOf(alerts).toEqualTypeOf<TimedStream<string, Order>>();
  plain.withBroadcast("plain-alerts", limits, () => ({ onRule: () => undefined, onEvent: () => undefined }));
  // @ts-expect-error without onRule
  plain.withBroadcast("no-rules", limits, () => ({ onEvent: () => undefined }));
  // @ts-expect-error an operator for other events
  plain.withBroadcast("other", limits, () => ({ onRule: () => undefined, onEvent: (_: Click) => undefined }));

  // @ts-expect-error not a duration
  clicks.intervalJoin("duration", orders, { lower: "soon", upper: 0 }, (click) => click);
});
