import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AirportTotals,
  addFlight,
  addTotals,
  lateShare,
  meanMinutes,
  noFlights,
  topAirports,
} from "./airport-totals.ts";

test("flights add up to the same totals however they are grouped", () => {
  const groups = fc.array(fc.array(fc.integer({ min: -2_000, max: 2_000 }), { maxLength: 20 }), { maxLength: 6 });
  fc.assert(
    fc.property(groups, (delaysByGroup) => {
      const whole = totalsOf("ORD", delaysByGroup.flat());
      const sum = noFlights("ORD");
      for (const delays of delaysByGroup) addTotals(sum, totalsOf("ORD", delays));

      expect(sum).toEqual(whole);
    }),
  );
});

test("a flight is late when it is delayed by more than 15 minutes", () => {
  const totals = totalsOf("ORD", [-20, 0, 15, 16, 90]);

  expect(totals).toMatchObject({ flights: 5, worstMinutes: 90, late: 2 });
  expect(meanMinutes(totals)).toBe(20.2);
  expect(lateShare(totals)).toBe(0.4);
});

test("an airport without flights has a mean delay and a late share of 0", () => {
  expect([meanMinutes(noFlights("ORD")), lateShare(noFlights("ORD"))]).toEqual([0, 0]);
});

test.each([
  ["flights", "ATL"],
  ["mean", "BOS"],
  ["worst", "CLT"],
  ["late", "BOS"],
] as const)("ordered by %s, %s comes first", (order, first) => {
  const airports = [totalsOf("CLT", [0, 0, 100]), totalsOf("ATL", [0, 0, 0, 16]), totalsOf("BOS", [40, 50])];

  expect(topAirports(airports, order, 1)[0]?.airport).toBe(first);
});

test("airports that are equal are ordered by name", () => {
  const airports = [totalsOf("B", [1]), totalsOf("A", [1]), totalsOf("C", [1])];

  expect(topAirports(airports, "mean", 3).map(({ airport }) => airport)).toEqual(["A", "B", "C"]);
});

function totalsOf(airport: string, delays: readonly number[]): AirportTotals {
  const totals = noFlights(airport);
  for (const delay of delays) addFlight(totals, { origin: airport, delay });
  return totals;
}
