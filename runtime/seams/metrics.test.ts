import { expect, test } from "vitest";
import { metricSeriesMax } from "../limits.ts";
import { MetricRegistry } from "./metrics.ts";

test("a registry lists all series as plain data, in the order they were first asked for", () => {
  const metrics = new MetricRegistry();
  const received = metrics.counter("events-received", { job: "bridge", operator: "parse" });
  const waiting = metrics.gauge("mailbox-messages");
  received.add(3);
  received.add(4);
  waiting.set(9);
  waiting.set(2);

  expect(metrics.samples()).toEqual([
    { name: "events-received", kind: "counter", labels: { job: "bridge", operator: "parse" }, value: 7 },
    { name: "mailbox-messages", kind: "gauge", labels: {}, value: 2 },
  ]);
  expect(structuredClone(metrics.samples())).toEqual(metrics.samples());
});

test("one name and one set of labels, in whatever order, are one series", () => {
  const metrics = new MetricRegistry();
  const counter = metrics.counter("events", { a: "1", b: "2" });

  expect(metrics.counter("events", { b: "2", a: "1" })).toBe(counter);
  expect(metrics.counter("events", { a: "2", b: "1" })).not.toBe(counter);
  expect(metrics.counter("events")).not.toBe(counter);
});

test("a series is a counter or a gauge, not both", () => {
  const metrics = new MetricRegistry();
  metrics.counter("events");
  metrics.gauge("lag");

  expect(() => metrics.gauge("events")).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  expect(() => metrics.counter("lag")).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});

test("series of what is no more are forgotten by their labels", () => {
  const metrics = new MetricRegistry();
  metrics.counter("events", { job: "a", operator: "x" });
  metrics.counter("events", { job: "b", operator: "x" });
  metrics.gauge("lag", { job: "a" });

  metrics.forget({ job: "a" });

  expect(metrics.samples().map(({ labels }) => labels)).toEqual([{ job: "b", operator: "x" }]);
});

test("what is counted under series beyond the limit is not lost without a trace", () => {
  const metrics = new MetricRegistry();
  for (let index = 0; index < metricSeriesMax; index += 1) metrics.counter("events", { index: String(index) });

  metrics.counter("one more").add(2);
  metrics.counter("and another").add(3);

  expect(metrics.samples()).toHaveLength(metricSeriesMax + 1);
  expect(metrics.samples().at(-1)).toMatchObject({ name: "metrics-beyond-limit", value: 5 });
});
