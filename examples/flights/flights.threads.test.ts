import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ActorSystem, type RunReport } from "../../jobs/index.ts";
import type { TopQuery } from "./airport-counter.ts";
import type { AirportTotals } from "./airport-totals.ts";
import { flightsFile } from "./data-files.ts";
import { byName, totalsByPlainLoop } from "./fixtures/plain-loop.ts";
import flights, { type FlightsParams } from "./flights.job.ts";
import { runSupervised } from "./flights-run.ts";

/** Decoding a column of a row group can take this long on a machine that is busy otherwise. */
const hangLimit = "30s";
const silent = { log: () => undefined };

let expected: AirportTotals[];

beforeAll(async () => {
  expected = await totalsByPlainLoop(flightsFile());
});

test("the plain loop finds what is known of the file", () => {
  expect(expected).toHaveLength(229);
  expect(expected.reduce((sum, { flights }) => sum + flights, 0)).toBe(3_000_000);
  expect(expected.find(({ airport }) => airport === "ORD")?.flights).toBe(166_341);
});

test("on the main thread the totals of every airport are those of a plain loop", async () => {
  await using system = await ActorSystem.start({ threads: 0 });

  const run = await system.submit(flights, { params: { parallelism: 3 } });
  await run.completed;

  expect(byName(run.collected("totals"))).toEqual(expected);
});

describe("on two threads", () => {
  let system: ActorSystem;
  let report: RunReport;
  let totals: AirportTotals[];
  let answers: AirportTotals[][];

  beforeAll(async () => {
    system = await ActorSystem.start({ threads: 2, hangLimit, logger: silent });
    const run = await system.submit(flights, { params: { parallelism: 2 } });
    const query: TopQuery = { type: "top", count: 3 };
    answers = await Promise.all(
      [0, 1].map((instance) =>
        run.actor<TopQuery, AirportTotals[]>("airports", instance).ask(query, { timeout: "20s" }),
      ),
    );
    report = await run.completed;
    totals = byName(run.collected("totals"));
  });

  afterAll(() => system.stop());

  test("the totals of every airport are those of a plain loop", () => {
    expect(totals).toEqual(expected);
  });

  test("both threads read and both count", () => {
    for (const name of ["flights", "departed", "airports"]) {
      const { instances, total } = report.operators.find((operator) => operator.name === name)!;
      const threadIds = instances.map(({ threadId }) => threadId);
      expect(new Set(threadIds).size, `threads of ${name}: ${threadIds}`).toBe(2);
      expect(threadIds).not.toContain(0);
      expect(name === "flights" ? total.out : total.in).toBe(3_000_000);
      for (const { in: taken, out } of instances) expect(Math.max(taken, out)).toBeGreaterThan(1_000_000);
    }
  });

  test("the counting actors answered while they counted", () => {
    for (const answer of answers) {
      expect(answer.length).toBeLessThanOrEqual(3);
      for (const { airport, flights } of answer) {
        expect(flights).toBeLessThanOrEqual(totals.find((each) => each.airport === airport)!.flights);
      }
    }
  });
});

describe("a failure on purpose, half-way, under exactly-once", () => {
  test.each(["operator", "thread"] as const)(
    "of one %s: the totals of every airport are those of a plain loop",
    async (kind) => {
      await using system = await ActorSystem.start({ threads: 2, hangLimit, logger: silent });
      const restarted: string[] = [];
      const lostHosts: number[] = [];
      system.on("host-lost", ({ host }) => lostHosts.push(host));
      system.on("actor-restarted", ({ path }) => restarted.push(actorName(path)));

      const params: FlightsParams = { parallelism: 2, fault: { kind, afterFlights: 700_000 } };
      const run = await system.submit(flights, { params, guarantee: "exactly-once" });
      await run.completed;

      expect(byName(run.collected("totals"))).toEqual(expected);
      // Both threads count what both read: who sends to a counter on its own thread has kept nothing, and reads again.
      expect(restarted).toEqual(
        expect.arrayContaining(["airports/0", "airports/1", "flights/0", "flights/1", "totals/0"]),
      );
      expect(lostHosts).toEqual(kind === "thread" ? [1] : []);
    },
  );
});

describe("a failure on purpose under at-most-once", () => {
  test("of an operator restarts that actor only, and costs what it had counted", async () => {
    const { report, totals, restarted, lostHosts } = await runUntilRestarted({ kind: "operator", afterFlights: 1_000 });

    expect(restarted).toEqual(["airports/0"]);
    expect(lostHosts).toEqual([]);
    expect(counted(totals)).toBe(rowsRead(report) - 1_000);
  });

  test("of a thread restarts what lived on it, on another one, and costs what that had counted or on the way", async () => {
    const { report, totals, restarted, lostHosts } = await runUntilRestarted({ kind: "thread", afterFlights: 1_000 });

    expect(restarted).toEqual(expect.arrayContaining(["airports/0", "flights/0"]));
    expect(restarted.filter((actor) => !actor.endsWith("/0"))).toEqual([]);
    expect(lostHosts).toEqual([1]);
    expect(counted(totals)).toBeLessThanOrEqual(rowsRead(report) - 1_000);
    expect(counted(totals)).toBeGreaterThan(0);
  });
});

test("killed with its process early and half-way: the totals of every airport are those of a plain loop", async () => {
  const storage = await mkdtemp(join(tmpdir(), "millrace-flights-"));
  try {
    const options = { threads: 2, top: 1, sort: "flights", guarantee: "exactly-once" } as const;
    await using run = runSupervised(options, { parallelism: 2 }, storage);
    for (const flights of [1, 1_500_000]) {
      while ((await run.report().then(rowsRead)) < flights);
      process.kill(run.pid as number, "SIGKILL");
    }

    expect(await run.completed).toMatchObject({ status: "completed", processRestarts: 2 });
    expect(byName(run.totals())).toEqual(expected);

    // As if it had died when all was done and nothing shown.
    await using again = runSupervised(options, { parallelism: 2 }, storage);
    await again.completed;
    expect(byName(again.totals())).toEqual(expected);
  } finally {
    await rm(storage, { recursive: true });
  }
});

test("a file that is not there fails the job, and the error names it", async () => {
  await using system = await ActorSystem.start({ threads: 0 });

  const run = await system.submit(flights, { params: { path: "no-such.parquet" } });

  await expect(run.completed).rejects.toMatchObject({
    code: "ERR_JOB_FAILED",
    message: expect.stringContaining("no-such.parquet"),
  });
});

/** More than a source may have reserved when its thread dies: behind that, what it has read says what it has handed on. */
const rowsMin = 100_000;

/** Stops reading when the actors that failed are back, and all sources have read on. */
async function runUntilRestarted(fault: NonNullable<FlightsParams["fault"]>) {
  await using system = await ActorSystem.start({ threads: 2, hangLimit, logger: silent });
  const restarted: string[] = [];
  const lostHosts: number[] = [];
  const wanted = fault.kind === "operator" ? ["airports/0"] : ["airports/0", "flights/0"];
  const allRestarted = Promise.withResolvers<void>();
  system.on("host-lost", ({ host }) => lostHosts.push(host));
  system.on("actor-restarted", ({ path }) => {
    restarted.push(actorName(path));
    if (wanted.every((actor) => restarted.includes(actor))) allRestarted.resolve();
  });
  const run = await system.submit(flights, { params: { parallelism: 2, fault } });
  await allRestarted.promise;
  while ((await run.report().then(rowsReadByEach)).some((rows) => rows < rowsMin));
  const report = await run.drain();
  return { report, totals: run.collected<AirportTotals>("totals"), restarted, lostHosts };
}

function actorName(path: string): string {
  return path.split("/").slice(-2).join("/");
}

function counted(totals: readonly AirportTotals[]): number {
  return totals.reduce((sum, { flights }) => sum + flights, 0);
}

function rowsRead(report: RunReport): number {
  return rowsReadByEach(report).reduce((sum, rows) => sum + rows, 0);
}

function rowsReadByEach(report: RunReport): number[] {
  const { instances } = report.operators.find(({ name }) => name === "flights")!;
  return instances.map(({ progress }) => progress?.done ?? 0);
}
