/** A join that awaits its table: no event is joined before all of the table is there, whatever happens meanwhile. */

import { expect, test } from "vitest";
import { count, generate, tumbling } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

const keyCount = 7;
/** How often each row is changed before the table is there. */
const versions = 20;
const eventCount = 300;
/** The table takes 140 ms to be read. */
const tableMs = keyCount * versions;

interface Event {
  readonly id: number;
  readonly key: number;
  readonly at: number;
}

const eventOf = (id: number): Event => ({ id, key: id % keyCount, at: 1_000 + id });

function joined(awaitTable: boolean, { parallelism = 2, batched = false } = {}) {
  return defineJob("prices", (job) => {
    const events = job
      .source("events", generate({ count: eventCount, from: eventOf }))
      .eventTime("event-time", { time: ({ at }) => at });
    const table = job
      // The stream is there long before the table is.
      .source("prices", generate({ count: keyCount * versions, rate: 1_000 }))
      .map("price", (index) => ({ key: index % keyCount, version: Math.floor(index / keyCount) }))
      .asTable("table", ({ key }) => key, { parallelism });
    const results = events
      .keyBy(({ key }) => key)
      .joinTable("joined", table, ({ id, key }, row) => ({ id, key, version: row?.version }), {
        type: "left",
        awaitTable,
        parallelism,
        ...(batched ? { microBatch: { interval: "7ms" } } : {}),
      });
    results.collect("pairs");
    const perTen = results.window("behind", tumbling("10ms"), count());
    perTen.collect("windows");
    perTen.late().collect("late");
  });
}

const all = Array.from({ length: eventCount }, (_, id) => ({ id, key: id % keyCount, version: versions - 1 }));
/** Behind the first epochs; a process that was killed is down for a second. */
const kills = [killProcess().at(110), killProcess().at(1_200), crash("joined", 0).after(30)];

test.each<readonly [string, readonly PlannedFault[], object]>([
  ["without a fault", [], {}],
  ["when threads and the process die while it waits", [...kills, crash(host(1)).at(80)], {}],
  ["in micro-batches, when the process dies", kills, { batched: true }],
  ["on one instance, when the process dies", kills, { parallelism: 1 }],
])("exactly-once every event meets the last version of its row, %s", async (_, faults, options) => {
  const simulation = await simulate(joined(true, options), {
    seed: 5,
    faults,
    threads: 2,
    guarantee: "exactly-once",
    epochInterval: 5,
    creditEvents: 32,
  });

  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  const found = simulation.collected<{ id: number; key: number }>("pairs");
  expect(found.toSorted((left, right) => left.id - right.id)).toEqual(all);
  for (let key = 0; key < keyCount; key += 1) {
    const ids = found.filter((one) => one.key === key).map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
  }
});

test.each(["at-least-once", "at-most-once"] as const)(
  "%s every event meets the last version of its row",
  async (guarantee) => {
    const simulation = await simulate(joined(true), {
      seed: 5,
      threads: 2,
      guarantee,
      epochInterval: 5,
      creditEvents: 32,
    });

    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    const found = simulation.collected<{ id: number }>("pairs").toSorted((left, right) => left.id - right.id);
    expect(found).toEqual(all);
  },
);

test("the stream goes on as soon as the table is there", async () => {
  const job = defineJob("endless", (job) => {
    const table = job.source("rows", generate({ count: tableMs, rate: 1_000 })).asTable("table", () => "row");
    job
      .source("events", generate({ rate: 1_000 }))
      .keyBy(() => "row")
      .joinTable("joined", table, (_, row) => row, { awaitTable: true })
      .map("at", (row, { clock }) => ({ row, at: clock.monotonicMs() }))
      .collect("pairs");
  });

  const simulation = await simulate(job, { seed: 5, guarantee: "exactly-once", epochInterval: 5, duration: "1s" });

  const [first] = simulation.collected<{ row: number; at: number }>("pairs");
  expect(first?.row).toBe(tableMs - 1);
  expect(first?.at).toBeGreaterThan(tableMs);
  expect(first?.at).toBeLessThan(tableMs + 60);
});

test("epochs go on while it waits, and event time stands still", async () => {
  const simulation = await simulate(joined(true), {
    seed: 5,
    guarantee: "exactly-once",
    epochInterval: 5,
    creditEvents: 32,
  });

  expect(simulation.report?.epochs?.completed).toBeGreaterThan(5);
  expect(simulation.collected("late")).toEqual([]);
});

test("without waiting events meet what is there", async () => {
  const simulation = await simulate(joined(false), { seed: 5, guarantee: "exactly-once", creditEvents: 32 });

  const found = simulation.collected<{ version: number | undefined }>("pairs");
  expect(found).toHaveLength(eventCount);
  expect(found.some(({ version }) => version !== versions - 1)).toBe(true);
});

test.each([
  ["a table that never ends", { awaitTable: true }, generate()],
  ["one that waits for event time", { awaitTable: true, retention: 1_000 }, generate({ count: 1 })],
  ["what is no choice", { awaitTable: "yes" as unknown as boolean }, generate({ count: 1 })],
])("%s is refused", (_, options, source) => {
  const job = defineJob("refused", (job) => {
    const table = job
      .source("rows", source)
      .map("row", (key) => ({ key }))
      .asTable("table", ({ key }) => key);
    const events = job.source("events", generate({ count: 1 })).keyBy((key) => key);
    events.joinTable("joined", table, (event) => event, options).collect("pairs");
  });

  return expect(simulate(job, { seed: 1 })).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
});

test("a table whose stream waits for the event time of others is refused: it would wait for the one that waits for it", () => {
  const job = defineJob("refused", (job) => {
    const table = job
      .source("rows", generate({ count: 1 }))
      .eventTime("row-time", { time: (row) => row, maxDrift: "1s" })
      .asTable("table", (row) => row);
    const events = job.source("events", generate({ count: 1 })).keyBy((key) => key);
    events.joinTable("joined", table, (event) => event, { awaitTable: true }).collect("pairs");
  });

  return expect(simulate(job, { seed: 1 })).rejects.toMatchObject({
    code: "ERR_RT_OPTION",
    message: expect.stringContaining('"row-time" has `maxDrift`'),
  });
});

test("a table from the source of the stream is refused: it would wait for what waits for it", () => {
  const job = defineJob("refused", (job) => {
    const prices = job.source("prices", generate({ count: 9 })).map("price", (id) => ({ id, key: id % 3 }));
    const table = prices.asTable("table", ({ key }) => key);
    const events = prices.keyBy(({ key }) => key);
    events.joinTable("joined", table, (event) => event, { awaitTable: true }).collect("pairs");
  });

  return expect(simulate(job, { seed: 1 })).rejects.toMatchObject({
    code: "ERR_JOB_AWAIT_CYCLE",
    message: expect.stringContaining(
      'what "joined" awaits comes from source "prices", which stands still while "joined" awaits',
    ),
  });
});

function twoJoins(crossing: boolean) {
  return defineJob("two", (job) => {
    const [left, right] = ["left", "right"].map((name) => job.source(name, generate({ count: 900 })));
    const table = (name: string, input = left!) => input.asTable(name, (id) => id);
    const join = (name: string, input = left!, of = right!) =>
      input.keyBy((id) => id).joinTable(name, table(`${name}-table`, of), (_, id) => id, { awaitTable: true });
    join("first", left, right).collect("first-pairs");
    join("second", ...(crossing ? ([right, left] as const) : ([left, right] as const))).collect("second-pairs");
  });
}

test("two joins that wait for each other's tables are refused, and both are named", () => {
  return expect(simulate(twoJoins(true), { seed: 1 })).rejects.toMatchObject({
    code: "ERR_JOB_AWAIT_CYCLE",
    details: { operators: ["first", "second"] },
  });
});

test.each(["at-most-once", "exactly-once"] as const)(
  "two that wait for the same one are not, %s",
  async (guarantee) => {
    const simulation = await simulate(twoJoins(false), { seed: 1, guarantee, epochInterval: 5, creditEvents: 8 });

    expect(simulation.status).toBe("completed");
    expect(simulation.collected("second-pairs")).toHaveLength(900);
  },
);
