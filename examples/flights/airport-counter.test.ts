import { expect, test } from "vitest";
import { OperatorHarness } from "../../jobs/testing/index.ts";
import { AirportCounter, type TopQuery } from "./airport-counter.ts";
import type { AirportTotals, Flight } from "./airport-totals.ts";
import type { InjectedFault } from "./injected-fault.ts";

test("at the end it emits the totals of each of its airports", async () => {
  const counter = await opened();

  counter.feed([flight("ORD", 20), flight("ATL", 1), flight("ORD", 4)]);
  await counter.end();

  expect(counter.values()).toEqual([
    { airport: "ORD", flights: 2, delayMinutes: 24, worstMinutes: 20, late: 1 },
    { airport: "ATL", flights: 1, delayMinutes: 1, worstMinutes: 1, late: 0 },
  ]);
});

test("it answers with its busiest airports so far", async () => {
  const counter = await opened();
  counter.feed([flight("ORD"), flight("ATL"), flight("ORD")]);

  const answer = counter.tell({ type: "top", count: 1 } satisfies TopQuery);

  expect(answer).toMatchObject([{ airport: "ORD", flights: 2 }]);
});

test.each([undefined, null, "top", { type: "top" }, { type: "bottom", count: 1 }])(
  "it refuses the message %j",
  async (message) => {
    const counter = await opened();

    expect(() => counter.tell(message)).toThrow(TypeError);
  },
);

test.each([
  [{ instance: 0, incarnation: 0 }, ["failed on purpose at flight 3"]],
  [{ instance: 1, incarnation: 0 }, []],
  [{ instance: 0, incarnation: 1 }, []],
])("the failure on purpose happens to the first incarnation of instance 0 only: %j", async (place, expected) => {
  const counter = await opened(place, { kind: "operator", afterFlights: 3 });

  counter.feed([flight("ORD"), flight("ORD"), flight("ORD"), flight("ORD")]);

  expect(counter.deadLetters.map(({ error }) => (error as Error).message)).toEqual(expected);
});

function opened(place: { instance?: number; incarnation?: number } = {}, fault?: InjectedFault) {
  return OperatorHarness.openProcess<Flight, AirportTotals>(() => new AirportCounter(fault), { ...place, keyed: true });
}

function flight(origin: string, delay = 0) {
  return { key: origin, value: { origin, delay } };
}
