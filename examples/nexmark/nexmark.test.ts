import { describe, expect, test } from "vitest";
import { ActorSystem } from "../../jobs/index.ts";
import { crash, exit, fail, host, killProcess, type PlannedFault, simulate } from "../../jobs/testing/index.ts";
import { type ExpectedRows, expectedRows, expectedStream } from "./expected.ts";
import nexmark, { rowsSink } from "./nexmark.job.ts";
import { preparedEvents } from "./prepared-events.ts";
import { queries } from "./queries/queries.ts";
import type { Query } from "./queries/query.ts";
import { digestOf, rowLines } from "./row-digest.ts";

const names = queries.map(({ name }) => name);
const shuffledStream = { ...expectedStream, outOfOrderGroupSize: 1_000 };

/** As many of the first rows as are known, so that a failure can be read. */
function found({ columns }: Query, rows: readonly object[]): ExpectedRows {
  const firstRows = rowLines(rows, columns).slice(0, 2);
  return { ...digestOf(rows, columns), firstRows: firstRows.map((line) => JSON.parse(line)) };
}

/** Of every query, what a run has collected. */
function foundOfAll(collected: (sink: string) => readonly object[]): Record<string, ExpectedRows> {
  return Object.fromEntries(
    queries.map((query) => [query.name, found(query, query.rowsOf(collected(rowsSink(query.name))))]),
  );
}

describe("every query gives the rows that others have found", () => {
  const expected = Object.fromEntries(names.map((name) => [name, expectedRows[name]]));

  test("in order", async () => {
    await using system = await ActorSystem.start({ threads: 0 });

    const run = await system.submit(nexmark, { params: { stream: expectedStream, queries: names } });
    await run.completed;

    expect(foundOfAll((sink) => run.collected(sink))).toEqual(expected);
  });

  test("out of order, while operators throw, threads die and the process is killed", async () => {
    // Ahead: what takes real time is not part of a simulation.
    preparedEvents(shuffledStream);
    const faults: readonly PlannedFault[] = [
      fail("q4-winning").after(3_000),
      crash("q20").after(6_000),
      exit("q5-counts").after(9_000),
      fail("q16").after(12_000),
      crash(host(2)).at("1s"),
      killProcess().at("3s"),
    ];

    const simulation = await simulate(nexmark, {
      seed: 1,
      threads: 2,
      freeze: false,
      guarantee: "exactly-once",
      epochInterval: "50ms",
      params: { stream: shuffledStream, queries: names },
      faults,
    });

    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    expect(simulation.struck).toHaveLength(faults.length);
    expect(foundOfAll((sink) => simulation.collected(sink))).toEqual(expected);
  }, 240_000);
});

describe("the loop of each query gives the same rows", () => {
  const events = preparedEvents(expectedStream);

  test.each(queries)("$name", (query) => {
    expect(found(query, query.loop(events))).toEqual(expectedRows[query.name]);
  });
});
