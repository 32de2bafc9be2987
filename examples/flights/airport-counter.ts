/**
 * AirportCounter: the operator that adds up the flights of its airports. An actor: while it counts, it answers questions.
 *
 * Its state is one `AirportTotals` per airport. Under exactly-once an instance that is restarted goes on with the totals of
 * the last checkpoint; under at-most-once it begins at zero.
 */

import type { OperatorState, ProcessContext, ValueState } from "../../jobs/index.ts";
import { type AirportTotals, addFlight, type Flight, noFlights, topAirports } from "./airport-totals.ts";
import { fail, type InjectedFault } from "./injected-fault.ts";

/** Answered with the `count` busiest airports of the instance, as they stand: `AirportTotals[]`. */
export interface TopQuery {
  readonly type: "top";
  readonly count: number;
}

export class AirportCounter {
  readonly #fault: InjectedFault | undefined;
  #totals!: ValueState<AirportTotals, AirportTotals>;
  /** Taken by this incarnation. */
  #flights = 0;

  /** @param fault a failure on purpose; it happens to the first incarnation of instance 0 */
  constructor(fault?: InjectedFault) {
    this.#fault = fault;
  }

  open({ state }: { readonly state: OperatorState }): void {
    this.#totals = state.value("totals", { initial: (airport) => noFlights(String(airport)) });
  }

  onEvent(flight: Flight, context: ProcessContext<AirportTotals>): void {
    this.#flights += 1;
    if (this.#fault?.afterFlights === this.#flights && context.instance === 0 && context.incarnation === 0) {
      fail(this.#fault);
    }
    const totals = this.#totals.get();
    addFlight(totals, flight);
    this.#totals.set(totals);
  }

  onMessage(message: unknown): AirportTotals[] {
    if (!isTopQuery(message)) throw new TypeError('expected { type: "top", count: a number }');
    return topAirports(this.#all(), "flights", message.count);
  }

  onEnd(context: ProcessContext<AirportTotals>): void {
    for (const totals of this.#all()) context.emit(totals);
  }

  *#all(): Generator<AirportTotals> {
    for (const [, totals] of this.#totals.entries()) yield totals;
  }
}

function isTopQuery(message: unknown): message is TopQuery {
  const { type, count } = (message ?? {}) as Partial<TopQuery>;
  return type === "top" && Number.isInteger(count);
}
