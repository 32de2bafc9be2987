/**
 * The job: reads the flights and adds them up per airport, on every thread at once.
 *
 *   flights, departed    one instance per thread; each reads every n-th part of the file
 *      | by origin       all flights from one airport meet in one instance
 *   airports             one instance per thread; answers questions while it counts
 *      | at the end
 *   totals               on the main thread
 */

import { defineJob, parquet } from "../../jobs/index.ts";
import { AirportCounter } from "./airport-counter.ts";
import type { Flight } from "./airport-totals.ts";
import { flightsFile } from "./data-files.ts";
import type { InjectedFault } from "./injected-fault.ts";

export interface FlightsParams {
  /** Instances that read, and instances that count; default 2. */
  readonly parallelism?: number;
  /** A Parquet file with the columns `origin` and `delay`; default the flights of 2001. */
  readonly path?: string;
  readonly fault?: InjectedFault;
}

/** What the file says it may hold. */
interface FlightRow {
  readonly origin: string | null;
  readonly delay: number | null;
}

export default defineJob("flights", import.meta.url, (job, params: FlightsParams) => {
  const { parallelism = 2, path = flightsFile(), fault } = params;
  job.supervision("restart");
  job
    .source("flights", parquet<FlightRow>(path, { columns: ["origin", "delay"] }), { parallelism })
    .filter("departed", (row): row is Flight => row.origin !== null && row.delay !== null)
    .keyBy((flight) => flight.origin)
    .process("airports", () => new AirportCounter(fault), { parallelism })
    .collect("totals");
});
