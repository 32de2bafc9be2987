/** The jobs of the book over real TCP sockets, on one thread. */

import { expect, test } from "vitest";
import type { DeadLetter } from "../../runtime/index.ts";
import { JobDriver, taken } from "./job-driver.ts";
import type { Decision } from "./score-aggregator.ts";
import type { Usage } from "./system-usage.ts";
import type { CountUpdate } from "./vehicle-counter.ts";

function counts(updates: readonly CountUpdate[]): string[] {
  return updates.map(({ vehicle, countedBy, count }) => `${vehicle.seenBy} -> ${countedBy}: ${vehicle.type} ${count}`);
}

/** The last count of each type, by counter. */
function lastCounts(updates: readonly CountUpdate[]): Record<string, Record<string, number>> {
  const last: Record<string, Record<string, number>> = {};
  for (const { countedBy, vehicle, count } of updates) {
    last[countedBy] = { ...last[countedBy], [vehicle.type]: count };
  }
  return last;
}

test("vehicle-count counts what one reader reads, and tells its counts when asked", async () => {
  await using driver = await JobDriver.start("vehicle-count", { threads: 0 });

  driver.type(0, "car", "Truck ", "car");

  expect(counts(await driver.take(3))).toEqual([
    "sensor 0 -> counter 0: car 1",
    "sensor 0 -> counter 0: truck 1",
    "sensor 0 -> counter 0: car 2",
  ]);
  expect(await driver.run.actor("counter").ask("counts", { timeout: "5s" })).toEqual({ car: 2, truck: 1 });
  expect(taken(await driver.drain(), "counter")).toEqual([3]);
});

test("vehicle-count refuses an empty line as a dead letter and goes on", async () => {
  await using driver = await JobDriver.start("vehicle-count", { threads: 0 });
  const letter = Promise.withResolvers<DeadLetter>();
  driver.system.deadLetters.subscribe(letter.resolve);

  driver.type(0, "car");
  await driver.take(1);
  driver.type(0, "", "car");

  // The counter still knows the first car.
  expect(counts(await driver.take(1))).toEqual(["sensor 0 -> counter 0: car 2"]);
  expect(await letter.promise).toMatchObject({
    to: "millrace://millrace/vehicle-count/read/0",
    value: "",
    error: { name: "SyntaxError", message: expect.stringContaining("empty line") },
  });
  const report = await driver.drain();
  expect(report.operators.find(({ name }) => name === "read")?.total).toEqual({
    in: 3,
    out: 2,
    deadLetters: 1,
    early: 0,
    late: 0,
  });
});

test("two-readers brings what two ports get to one counter", async () => {
  await using driver = await JobDriver.start("two-readers", { threads: 0 });

  driver.type(0, "car", "car");
  driver.type(1, "car", "van");

  const updates = await driver.take<CountUpdate>(4);
  expect(lastCounts(updates)).toEqual({ "counter 0": { car: 3, van: 1 } });
  expect(updates.filter(({ vehicle }) => vehicle.seenBy === "sensor 1")).toHaveLength(2);
  const report = await driver.drain();
  expect(taken(report, "read")).toEqual([2, 2]);
  expect(taken(report, "counter")).toEqual([4]);
});

test("two-counters-shuffle gives each counter half of the vehicles, whatever their type", async () => {
  await using driver = await JobDriver.start("two-counters-shuffle", { threads: 0 });

  driver.type(0, "car", "car", "car", "car");
  driver.type(1, "car", "car");

  const updates = await driver.take<CountUpdate>(6);
  expect(lastCounts(updates)).toEqual({ "counter 0": { car: 3 }, "counter 1": { car: 3 } });
  expect(taken(await driver.drain(), "counter")).toEqual([3, 3]);
});

test("two-counters-by-key has each type counted by one counter, from whichever reader", async () => {
  await using driver = await JobDriver.start("two-counters-by-key", { threads: 0 });

  driver.type(0, "car", "truck", "car");
  driver.type(1, "truck", "car", "truck");

  const updates = await driver.take<CountUpdate>(6);
  expect(lastCounts(updates)).toEqual({ "counter 0": { truck: 3 }, "counter 1": { car: 3 } });
  expect(taken(await driver.drain(), "counter")).toEqual([3, 3]);
});

test("fork gives every vehicle to both consumers, each by its own grouping", async () => {
  await using driver = await JobDriver.start("fork", { threads: 0 });

  driver.type(0, "car", "car", "car", "car");

  const updates = await driver.take<CountUpdate>(8);
  expect(lastCounts(updates)).toEqual({
    "booth-in-turns 0": { car: 2 },
    "booth-in-turns 1": { car: 2 },
    "booth-by-type 1": { car: 4 },
  });
  const report = await driver.drain();
  expect(taken(report, "booth-in-turns")).toEqual([2, 2]);
  expect(taken(report, "booth-by-type")).toEqual([0, 4]);
});

test("merge counts what comes from two bridges together", async () => {
  await using driver = await JobDriver.start("merge", { threads: 0 });

  driver.type(0, "car", "truck");
  driver.type(1, "car");

  const updates = await driver.take<CountUpdate>(3);
  expect(lastCounts(updates)).toEqual({ "booth 0": { truck: 1 }, "booth 1": { car: 2 } });
  expect(new Set(updates.map(({ vehicle }) => vehicle.seenBy))).toEqual(new Set(["north-bridge 0", "south-bridge 0"]));
  await driver.drain();
});

test("split sends cars, heavy vehicles and all others to booths of their own", async () => {
  await using driver = await JobDriver.start("split", { threads: 0 });

  driver.type(0, "car", "truck", "tractor", "lorry", "car", "bike");

  const updates = await driver.take<CountUpdate>(6);
  expect(lastCounts(updates)).toEqual({
    "car-booth 0": { car: 2 },
    "heavy-booth 0": { truck: 1 },
    "heavy-booth 1": { lorry: 1 },
    "other-booth 0": { tractor: 1, bike: 1 },
  });
  expect(taken(await driver.drain(), "lanes")).toEqual([6]);
});

test("fraud-detection decides once per transaction, when all three scores are there", async () => {
  await using driver = await JobDriver.start("fraud-detection", { threads: 0 });

  driver.type(0, "ann 20.00 7 @100", "eve 10 1 @100", "ann 20 7 @400", "ann 500 7 @900", "eve 10 500 @101");

  const decisions = await driver.take<Decision>(5);
  const byId = Object.fromEntries(decisions.map(({ transaction, ...decision }) => [transaction.id, decision]));
  expect(Object.keys(byId).sort()).toEqual(["t1", "t2", "t3", "t4", "t5"]);
  expect(byId.t1).toMatchObject({
    isFraud: false,
    scores: { "average-ticket": 0, velocity: 0, "impossible-walk": 0 },
  });
  expect(byId.t4).toMatchObject({
    isFraud: true,
    scores: { "average-ticket": 1, velocity: 0, "impossible-walk": 0 },
  });
  // Five hundred shops in one second, and the second payment in it.
  expect(byId.t5).toMatchObject({ isFraud: true, scores: { "average-ticket": 0, velocity: 0.9 } });
  expect(byId.t5?.scores["impossible-walk"]).toBeCloseTo(1 - 1 / 499);
  for (const instance of [0, 1]) {
    expect(await driver.run.actor("decision", instance).ask("waiting", { timeout: "5s" })).toBe(0);
  }
  const report = await driver.drain();
  expect(taken(report, "decision").reduce((sum, each) => sum + each)).toBe(15);
});

test("fraud-detection refuses a malformed transaction and names it", async () => {
  await using driver = await JobDriver.start("fraud-detection", { threads: 0 });
  const letter = Promise.withResolvers<DeadLetter>();
  driver.system.deadLetters.subscribe(letter.resolve);

  driver.type(0, "ann a lot", "ann 20 7");

  const [decision] = await driver.take<Decision>(1);
  expect(decision?.transaction).toMatchObject({ id: "t1", user: "ann", amount: 20, shop: 7 });
  expect(await letter.promise).toMatchObject({
    value: "ann a lot",
    error: { message: expect.stringContaining("ann 42.00 7") },
  });
  await driver.drain();
});

test("system-usage counts transactions, and frauds by the service of the job", async () => {
  await using driver = await JobDriver.start("system-usage", { threads: 0 });

  driver.type(0, "ann 20 7", "bob 1200 3", "ann 25 9", "bob 30 4", "eve 5000 1");

  const updates = await driver.take<Usage>(5);
  const last = new Map(updates.map((usage) => [usage.countedBy, usage]));
  const sum = (of: (usage: Usage) => number) => [...last.values()].reduce((total, usage) => total + of(usage), 0);
  expect([...last.keys()].sort()).toEqual(["analyzer 0", "analyzer 1"]);
  expect(sum(({ transactions }) => transactions)).toBe(5);
  expect(sum(({ frauds }) => frauds)).toBe(2);
  await driver.drain();
});
