/** The answer of W7: what is known of each airport, as numbers, by airport in the order of their names. */

import type { AirportTotals } from "../flights/airport-totals.ts";

export function numbersOf(totals: readonly AirportTotals[]): number[] {
  return totals
    .toSorted((left, right) => (left.airport < right.airport ? -1 : 1))
    .flatMap(({ flights, delayMinutes, worstMinutes, late }) => [flights, delayMinutes, worstMinutes, late]);
}
