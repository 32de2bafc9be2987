/** LiveTop: while the job runs, asks each counting actor for its busiest airports. */

import type { TopQuery } from "./airport-counter.ts";
import { type AirportTotals, topAirports } from "./airport-totals.ts";
import { grouped } from "./flights-report.ts";

const askPeriodMs = 500;
const shown = 5;

/**
 * Asks every half second and says the answer, until the returned function is called.
 *
 * @param askCounter asks one of the counting actors
 */
export function askWhileRunning(
  askCounter: (instance: number, query: TopQuery) => Promise<AirportTotals[]>,
  instances: number,
  say: (line: string) => void,
): () => void {
  const ask = async () => {
    const answers = await Promise.all(
      Array.from({ length: instances }, (_, instance) => askCounter(instance, { type: "top", count: shown })),
    );
    const top = topAirports(answers.flat(), "flights", shown);
    if (top.length > 0)
      say(`busiest so far: ${top.map((each) => `${each.airport} ${grouped(each.flights)}`).join(", ")}`);
  };
  // An actor that starts over, or has just ended, does not answer: there is one line less.
  const timer = setInterval(() => void ask().catch(() => undefined), askPeriodMs);
  return () => clearInterval(timer);
}
