/** AirportTotals: what is known of the flights from one airport, or from several together. Sums only, so that any part of
 * the flights can be added up with any other, in any order. */

export interface Flight {
  readonly origin: string;
  /** Minutes; negative when it was early. */
  readonly delay: number;
}

export interface AirportTotals {
  readonly airport: string;
  flights: number;
  delayMinutes: number;
  worstMinutes: number;
  /** Flights delayed by more than `lateAfterMinutes`. */
  late: number;
}

export const lateAfterMinutes = 15;

export function noFlights(airport: string): AirportTotals {
  return { airport, flights: 0, delayMinutes: 0, worstMinutes: Number.NEGATIVE_INFINITY, late: 0 };
}

export function addFlight(totals: AirportTotals, { delay }: Flight): void {
  totals.flights += 1;
  totals.delayMinutes += delay;
  if (delay > totals.worstMinutes) totals.worstMinutes = delay;
  if (delay > lateAfterMinutes) totals.late += 1;
}

export function addTotals(to: AirportTotals, from: AirportTotals): void {
  to.flights += from.flights;
  to.delayMinutes += from.delayMinutes;
  to.worstMinutes = Math.max(to.worstMinutes, from.worstMinutes);
  to.late += from.late;
}

export function meanMinutes({ flights, delayMinutes }: AirportTotals): number {
  return flights === 0 ? 0 : delayMinutes / flights;
}

/** From 0 to 1. */
export function lateShare({ flights, late }: AirportTotals): number {
  return flights === 0 ? 0 : late / flights;
}

export const airportOrders = ["flights", "mean", "worst", "late"] as const;
export type AirportOrder = (typeof airportOrders)[number];

const measures: Readonly<Record<AirportOrder, (totals: AirportTotals) => number>> = {
  flights: (totals) => totals.flights,
  mean: meanMinutes,
  worst: (totals) => totals.worstMinutes,
  late: lateShare,
};

/** The first `count` airports by the measure, largest first; by name where it is the same. */
export function topAirports(airports: Iterable<AirportTotals>, order: AirportOrder, count: number): AirportTotals[] {
  const measure = measures[order];
  return [...airports]
    .sort((left, right) => measure(right) - measure(left) || (left.airport < right.airport ? -1 : 1))
    .slice(0, count);
}
