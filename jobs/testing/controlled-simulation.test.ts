import { describe, expect, test } from "vitest";
import { discard, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, fail, host, killProcess } from "../simulation/fault.ts";
import { startSimulation } from "./controlled-simulation.ts";

interface Payment {
  readonly card: string;
  readonly cents: number;
}

/** Tells when a card has spent more than 1,000. */
const fraud = defineJob("fraud", (job, { limit = 100_000 }: { limit?: number } = {}) => {
  job
    .source("payments", generate({ rate: 10, from: (): Payment => ({ card: "real", cents: 1 }) }), { parallelism: 2 })
    .keyBy(({ card }) => card)
    .scan(
      "spent",
      () => ({ card: "", cents: 0 }),
      (sum, { card, cents }: Payment) => ({ card, cents: sum.cents + cents }),
      { parallelism: 2 },
    )
    .filter("too-much", ({ value }) => value.cents > limit)
    .map("alert", ({ value }) => `${value.card} has spent ${value.cents / 100}`)
    .sink("alerts", discard());
});

const options = { epochInterval: "10ms" } as const;

test("a test pushes events, lets time pass, lets a thread die, and sees what comes of it", async () => {
  await using simulation = await startSimulation(fraud, options);
  const payments = simulation.source<Payment>("payments");
  const alerts = simulation.sink<string>("alerts");

  payments.push({ card: "a", cents: 90_000 });
  payments.push({ card: "b", cents: 20_000 });
  await alerts.expectNoEvent("10s");
  simulation.strike(crash("spent", 0));
  simulation.strike(crash("spent", 1));
  payments.push({ card: "a", cents: 20_000 });

  expect(await alerts.expectEvent()).toBe("a has spent 1100");
  await alerts.expectNoEvent("5s");
  expect(simulation.nowMs).toBeGreaterThan(15_000);
  const result = await simulation.end();
  expect(result).toMatchObject({ status: "completed", lives: 1, struck: [{}, {}], assertions: [] });
  expect(result.collected("alerts")).toEqual(["a has spent 1100"]);
});

test("what was pushed is read again by the next process, and shown once", async () => {
  await using simulation = await startSimulation(fraud, { ...options, params: { limit: 0 } });
  const cents = Array.from({ length: 60 }, (_, index) => 100 + index);

  for (const [index, each] of cents.entries()) {
    simulation.source<Payment>("payments").push({ card: `card ${index}`, cents: each });
    if (index % 20 === 10) simulation.strike(killProcess(index));
    if (index % 20 === 15) await simulation.advance("300ms");
  }
  const result = await simulation.end();

  expect(result).toMatchObject({ status: "completed", lives: 4 });
  expect(result.collected("alerts").toSorted()).toEqual(
    cents.map((each, index) => `card ${index} has spent ${each / 100}`).toSorted(),
  );
});

test("an operator is told to fail at its next event", async () => {
  await using simulation = await startSimulation(fraud, { ...options, params: { limit: 0 } });

  for (const instance of [0, 1]) simulation.strike(fail("spent", instance));
  simulation.source<Payment>("payments").pushAll([
    { card: "a", cents: 100 },
    { card: "b", cents: 100 },
    { card: "c", cents: 100 },
  ]);

  const alerts = await simulation.sink<string>("alerts").expectEvents(3);
  expect(alerts.toSorted()).toEqual(["a has spent 1", "b has spent 1", "c has spent 1"]);
});

test("a sink that takes no more stops the source, and takes as much as it is asked for", async () => {
  await using simulation = await startSimulation(fraud, { ...options, creditEvents: 4, params: { limit: 0 } });
  const payments = simulation.source<Payment>("payments");
  const alerts = simulation.sink<string>("alerts");
  await simulation.until(() => payments.demand > 0);

  alerts.hold();
  payments.pushAll(Array.from({ length: 5_000 }, (_, index) => ({ card: `card ${index}`, cents: 100 })));
  await simulation.advance("2s");

  const takenWhileHeld = payments.takenCount;
  expect(takenWhileHeld).toBeLessThan(payments.pushedCount);
  expect(payments.demand).toBe(0);
  expect(alerts.received).toEqual([]);

  alerts.request(3);
  await simulation.advance("2s");
  expect(alerts.takenCount).toBe(3);

  alerts.release();
  expect(await alerts.expectEvents(5_000)).toHaveLength(5_000);
  await simulation.until(() => payments.demand > 0);
  expect(payments.takenCount).toBe(5_000);
});

test("sources that are kept are the job's own, and end with the simulation", async () => {
  await using simulation = await startSimulation(fraud, { ...options, keep: ["payments"], params: { limit: 100 } });

  expect(await simulation.sink("alerts").expectEvent()).toBe("real has spent 1.01");
  expect(simulation.nowMs).toBeGreaterThan(9_000);
  expect(() => simulation.source("payments")).toThrow(expect.objectContaining({ code: "ERR_JOB_OPERATOR_UNKNOWN" }));
  expect(await simulation.end()).toMatchObject({ status: "completed" });
});

test("the same story is the same history", async () => {
  const hashes = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      await using simulation = await startSimulation(fraud, { ...options, seed, params: { limit: 0 } });
      simulation.source<Payment>("payments").push({ card: "a", cents: 100 });
      await simulation.sink("alerts").expectEvent();
      simulation.strike(crash(host(1)));
      return (await simulation.end()).historyHash;
    }),
  );

  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

describe("what a test expected in vain is told", () => {
  const probe = (text: string) =>
    expect.objectContaining({ code: "ERR_JOB_PROBE", message: expect.stringContaining(text) });

  test("when an event does not come, or one comes", async () => {
    await using simulation = await startSimulation(fraud, options);
    const alerts = simulation.sink("alerts");
    simulation.source<Payment>("payments").push({ card: "a", cents: 200_000 });

    await expect(alerts.expectNoEvent("10s")).rejects.toThrow(probe('got "a has spent 2000"'));
    await expect(alerts.expectEvents(2, { within: "5s" })).rejects.toThrow(
      probe("expected 2 more events within 5000 ms"),
    );
    expect(await alerts.expectEvent()).toBe("a has spent 2000");
    await expect(alerts.expectEvent({ within: "5s" })).rejects.toThrow(probe("got none"));
    await expect(simulation.until(() => false, { within: 10 })).rejects.toThrow(probe("within 10 ms"));
  });

  test("when the job has failed", async () => {
    const picky = defineJob("picky", (job) => {
      job
        .source("numbers", generate({ count: 1 }))
        .map(
          "check",
          (number) => {
            if (number === 7) throw new RangeError("seven is not allowed");
            return number;
          },
          { supervision: "stop" },
        )
        .collect("all");
    });
    await using simulation = await startSimulation(picky);
    simulation.source<number>("numbers").push(7);

    await expect(simulation.sink("all").expectEvent()).rejects.toThrow(probe("seven is not allowed"));
    expect(await simulation.end()).toMatchObject({ status: "failed", error: { code: "ERR_JOB_FAILED" } });
  });

  test("when it is asked for two things at once, or for something after its end", async () => {
    await using simulation = await startSimulation(fraud, options);
    const first = simulation.advance("1s");

    await expect(simulation.advance("1s")).rejects.toThrow(probe("goes on already"));
    await first;
    await simulation[Symbol.asyncDispose]();
    await expect(simulation.advance("1s")).rejects.toThrow(probe("disposed"));
  });

  test("when there is nothing to strike", async () => {
    await using simulation = await startSimulation(fraud, options);
    simulation.strike(crash(host(1)));

    expect(() => simulation.strike(crash(host(1)))).toThrow(probe("nothing to strike"));
    for (const fault of [crash("nobody"), fail("nobody"), fail("spent", 2)])
      expect(() => simulation.strike(fault)).toThrow(expect.objectContaining({ code: "ERR_JOB_OPERATOR_UNKNOWN" }));
    expect(() => simulation.strike(crash(host(1)).at("1s") as never)).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
  });

  test("when a job cannot start, or an option is none", async () => {
    await expect(startSimulation(fraud, { threads: 0 })).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
    await expect(startSimulation(fraud, { keep: ["nobody"] })).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
    await expect(startSimulation(fraud, { guarantee: "twice" as "exactly-once" })).rejects.toMatchObject({
      code: "ERR_RT_OPTION",
    });
  });
});
