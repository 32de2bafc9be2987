import { expect, test } from "vitest";
import type { ProcessContext } from "../../jobs/index.ts";
import { AirportCounter } from "./airport-counter.ts";
import type { AirportTotals } from "./airport-totals.ts";

test("at the end it emits the totals of each of its airports", () => {
  const counter = new AirportCounter();
  const { context, emitted } = contextOf({ instance: 0, incarnation: 0 });
  for (const [origin, delay] of [
    ["ORD", 20],
    ["ATL", 1],
    ["ORD", 4],
  ] as const)
    counter.onEvent({ origin, delay }, context);

  counter.onEnd(context);

  expect(emitted).toEqual([
    { airport: "ORD", flights: 2, delayMinutes: 24, worstMinutes: 20, late: 1 },
    { airport: "ATL", flights: 1, delayMinutes: 1, worstMinutes: 1, late: 0 },
  ]);
});

test("it answers with its busiest airports so far", () => {
  const counter = new AirportCounter();
  const { context } = contextOf({ instance: 0, incarnation: 0 });
  for (const origin of ["ORD", "ATL", "ORD"]) counter.onEvent({ origin, delay: 0 }, context);

  expect(counter.onMessage({ type: "top", count: 1 })).toMatchObject([{ airport: "ORD", flights: 2 }]);
});

test.each([undefined, null, "top", { type: "top" }, { type: "bottom", count: 1 }])(
  "it refuses the message %j",
  (message) => {
    expect(() => new AirportCounter().onMessage(message)).toThrow(TypeError);
  },
);

test.each([
  [{ instance: 0, incarnation: 0 }, 2],
  [{ instance: 1, incarnation: 0 }, 3],
  [{ instance: 0, incarnation: 1 }, 3],
])(
  "the failure on purpose happens to the first incarnation of instance 0 only: %j takes %i flights",
  (place, taken) => {
    const counter = new AirportCounter({ kind: "operator", afterFlights: 3 });
    const { context } = contextOf(place);
    let count = 0;

    try {
      for (; count < 3; count += 1) counter.onEvent({ origin: "ORD", delay: 0 }, context);
    } catch (error) {
      expect(error).toMatchObject({ message: "failed on purpose at flight 3" });
    }

    expect(count).toBe(taken);
  },
);

function contextOf(place: { instance: number; incarnation: number }) {
  const emitted: AirportTotals[] = [];
  const context = { ...place, emit: (totals: AirportTotals) => emitted.push(totals) };
  return { emitted, context: context as unknown as ProcessContext<AirportTotals> };
}
