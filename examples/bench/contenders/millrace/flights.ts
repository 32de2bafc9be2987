/** millrace on W7: the job of `npm start`, on as many threads; the start of the job is measured with it, that of the threads is not. */

import type { Guarantee } from "../../../../jobs/index.ts";
import type { AirportTotals } from "../../../flights/airport-totals.ts";
import flights from "../../../flights/flights.job.ts";
import { numbersOf } from "../../airport-numbers.ts";
import type { Contender } from "../../contender.ts";
import { systemContender } from "./system-contender.ts";

/** As npm start has it: a column can take a busy thread long to decode. */
const hangLimit = "30s";

export function perAirport(threads: number, guarantee: Guarantee): Contender {
  return systemContender({ threads, hangLimit }, async (system) => {
    const run = await system.submit(flights, { params: { parallelism: threads }, guarantee });
    await run.completed;
    return { answer: numbersOf(run.collected<AirportTotals>("totals")) };
  });
}
