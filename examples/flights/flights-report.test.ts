import { expect, test } from "vitest";
import type { RunReport } from "../../jobs/index.ts";
import { type AirportTotals, addFlight, noFlights } from "./airport-totals.ts";
import { type FlightsResult, jsonResult, textResult } from "./flights-report.ts";

test("the text shows the first airports, the others together, and all", () => {
  const text = textResult(resultOf({ top: 1 }));

  expect(text).toContain(
    [
      "   airport  city              flights  mean delay  worst delay  over 15 min",
      "-  -------  ----------------  -------  ----------  -----------  -----------",
      "1  ORD      Chicago, IL             3    25.0 min   1 h  5 min       33.3 %",
      "   ...      2 other airports        2     5.0 min       12 min        0.0 %",
      "-  -------  ----------------  -------  ----------  -----------  -----------",
      "   all      3 airports              5    17.0 min   1 h  5 min       20.0 %",
    ].join("\n"),
  );
  expect(text).toContain("5 flights counted in 2.00 s on 1 thread: 3 flights a second");
  expect(text).not.toContain("missing");
});

test("there is no line for the others when all airports are shown", () => {
  expect(textResult(resultOf({ top: 3 }))).not.toContain("other airport");
});

test("the text names each actor and where it ran", () => {
  expect(textResult(resultOf({}))).toContain(
    [
      "actor       host  thread  events in  events out",
      "----------  ----  ------  ---------  ----------",
      "flights/0      1       7                  1,234",
      "airports/0  main       0      1,234",
    ].join("\n"),
  );
});

test("flights that were read and are not counted are said to be missing", () => {
  expect(textResult(resultOf({ rowsRead: 1_005 }))).toContain(
    "1,005 flights were read, so at most 1,000 are missing above",
  );
});

test("flights that were counted more often than read are said to be", () => {
  expect(textResult(resultOf({ rowsRead: 3 }))).toContain("3 flights were read, so 2 were counted again");
});

test("a run that was stopped says how far it came", () => {
  expect(textResult(resultOf({ rowsRead: 8 }))).toContain("Reading was stopped at 8 of 9 flights.");
  expect(textResult(resultOf({ rowsRead: 9 }))).not.toContain("stopped");
});

test("of a job that had read all of it before, nothing is said to be missing or counted again", () => {
  const { report, ...result } = resultOf({});
  const operators = report.operators.map((operator) => ({
    ...operator,
    total: { ...operator.total, out: 0 },
    instances: operator.instances.map((instance) => ({ ...instance, progress: undefined })),
  }));
  const text = textResult({ ...result, report: { ...report, operators } });

  expect(text).toContain("5 flights counted, 0 of them since the job went on from its last checkpoint");
  expect(text).not.toMatch(/were read|stopped|a second/);
});

test("the JSON holds the same figures", () => {
  expect(JSON.parse(jsonResult(resultOf({ top: 1, rowsRead: 8 })))).toEqual({
    threads: 1,
    status: "completed",
    flights: { inFile: 9, read: 8, counted: 5, lostAtMost: 3, repeated: 0 },
    elapsedMs: 2_000,
    flightsPerSecond: 3,
    airportCount: 3,
    all: { flights: 5, meanMinutes: 17, worstMinutes: 65, late: 1, lateShare: 0.2 },
    airports: [
      { airport: "ORD", city: "Chicago, IL", flights: 3, meanMinutes: 25, worstMinutes: 65, late: 1, lateShare: 1 / 3 },
    ],
    actors: [
      { actor: "flights/0", host: 1, threadId: 7, eventsIn: 0, eventsOut: 1_234 },
      { actor: "airports/0", host: 0, threadId: 0, eventsIn: 1_234, eventsOut: 0 },
    ],
  });
});

function resultOf({ top = 3, rowsRead = 5 }: { top?: number; rowsRead?: number }): FlightsResult {
  const progress = { done: rowsRead, total: 9, unit: "rows" } as const;
  const source = { in: 0, out: 1_234, deadLetters: 0, late: 0, early: 0 };
  const counter = { in: 1_234, out: 0, deadLetters: 0, late: 0, early: 0 };
  const report: RunReport = {
    job: "flights",
    runId: "1",
    status: "completed",
    elapsedMs: 2_000,
    lostEvents: 0,
    waitingFor: [],
    hotKeys: [],
    epochs: undefined,
    operators: [
      {
        name: "flights",
        kind: "source",
        total: source,
        instances: [
          {
            instance: 0,
            host: 1,
            threadId: 7,
            progress,
            watermark: -Infinity,
            waitsFor: undefined,
            state: undefined,
            ...source,
          },
        ],
      },
      {
        name: "airports",
        kind: "operator",
        total: counter,
        instances: [
          {
            instance: 0,
            host: 0,
            threadId: 0,
            progress: undefined,
            watermark: -Infinity,
            waitsFor: undefined,
            state: undefined,
            ...counter,
          },
        ],
      },
    ],
  };
  const airports = [totalsOf("ATL", [12]), totalsOf("ORD", [10, 65, 0]), totalsOf("XYZ", [-2])];
  return { report, airports, cities: new Map([["ORD", "Chicago, IL"]]), top, sort: "flights", threads: 1 };
}

function totalsOf(airport: string, delays: readonly number[]): AirportTotals {
  const totals = noFlights(airport);
  for (const delay of delays) addFlight(totals, { origin: airport, delay });
  return totals;
}
