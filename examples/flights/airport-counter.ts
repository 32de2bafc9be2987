/**
 * AirportCounter: the operator that adds up the flights of its airports. An actor: while it counts, it answers questions.
 *
 * Its state lives as long as the actor does: an instance that is restarted begins at zero, and what it had counted is
 * missing in the result. `main.ts` says so.
 */

import type { ProcessContext } from "../../jobs/index.ts";
import { type AirportTotals, addFlight, type Flight, noFlights, topAirports } from "./airport-totals.ts";
import { fail, type InjectedFault } from "./injected-fault.ts";

/** Answered with the `count` busiest airports of the instance, as they stand: `AirportTotals[]`. */
export interface TopQuery {
  readonly type: "top";
  readonly count: number;
}

export class AirportCounter {
  readonly #airports = new Map<string, AirportTotals>();
  readonly #fault: InjectedFault | undefined;
  #flights = 0;

  /** @param fault a failure on purpose; it happens to the first incarnation of instance 0 */
  constructor(fault?: InjectedFault) {
    this.#fault = fault;
  }

  onEvent(flight: Flight, context: ProcessContext<AirportTotals>): void {
    this.#flights += 1;
    if (this.#fault?.afterFlights === this.#flights && context.instance === 0 && context.incarnation === 0) {
      fail(this.#fault);
    }
    let totals = this.#airports.get(flight.origin);
    if (totals === undefined) {
      totals = noFlights(flight.origin);
      this.#airports.set(flight.origin, totals);
    }
    addFlight(totals, flight);
  }

  onMessage(message: unknown): AirportTotals[] {
    if (!isTopQuery(message)) throw new TypeError('expected { type: "top", count: a number }');
    return topAirports(this.#airports.values(), "flights", message.count);
  }

  onEnd(context: ProcessContext<AirportTotals>): void {
    for (const totals of this.#airports.values()) context.emit(totals);
  }
}

function isTopQuery(message: unknown): message is TopQuery {
  const { type, count } = (message ?? {}) as Partial<TopQuery>;
  return type === "top" && Number.isInteger(count);
}
