/** Jobs of the book over real TCP sockets, on two worker threads: the same results, from different threads. */

import { expect, test } from "vitest";
import type { RunReport } from "../../jobs/index.ts";
import { JobDriver, taken } from "./job-driver.ts";
import type { Decision } from "./score-aggregator.ts";
import type { CountUpdate } from "./vehicle-counter.ts";

function threadsOf(report: RunReport, operator: string): Set<number> {
  return new Set(report.operators.find(({ name }) => name === operator)?.instances.map(({ threadId }) => threadId));
}

test("two-counters-by-key counts on two threads", async () => {
  await using driver = await JobDriver.start("two-counters-by-key", { threads: 2 });

  driver.type(0, "car", "truck", "car");
  driver.type(1, "truck", "car", "truck");

  const updates = await driver.take<CountUpdate>(6);
  const last = new Map(updates.map(({ countedBy, vehicle, count }) => [`${countedBy} ${vehicle.type}`, count]));
  expect(Object.fromEntries(last)).toEqual({ "counter 0 truck": 3, "counter 1 car": 3 });
  expect(await driver.run.actor("counter", 1).ask("counts", { timeout: "5s" })).toEqual({ car: 3 });
  const report = await driver.drain();
  expect(taken(report, "counter")).toEqual([3, 3]);
  expect(threadsOf(report, "counter").size).toBe(2);
  expect(threadsOf(report, "counter")).not.toContain(0);
});

test("fraud-detection brings the scores of a transaction together from two threads", async () => {
  await using driver = await JobDriver.start("fraud-detection", { threads: 2 });
  const users = ["ann", "bob", "eve", "tim"];
  const lines = Array.from({ length: 200 }, (_, index) => `${users[index % 4]} 20.00 7 @${index * 100}`);

  driver.type(0, ...lines, "ann 900 7 @30000");

  const decisions = await driver.take<Decision>(201);
  expect(new Set(decisions.map(({ transaction }) => transaction.id)).size).toBe(201);
  expect(decisions.filter(({ isFraud }) => isFraud).map(({ transaction }) => transaction.id)).toEqual(["t201"]);
  const report = await driver.drain();
  expect(taken(report, "decision").reduce((sum, each) => sum + each)).toBe(603);
  expect(threadsOf(report, "decision").size).toBe(2);
});
