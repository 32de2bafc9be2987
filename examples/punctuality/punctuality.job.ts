/**
 * How punctual flights are, by airport and hour of their schedule. A flight is reported when it has left: one with a delay of two hours is
 * reported two hours behind its own hour, which has been told by then, and is told again. One that is reported still later is late.
 *
 *   flights      in the order of the schedule, as the file has them
 *   reports      the same in the order in which they have left, for a reader of this file to be in the place of one of that year
 *   hours        what is known of an airport and hour when its reports should be there, and again with each one that comes later
 */

import { aggregate, count, defineJob, mean, parquet, tumbling } from "../../jobs/index.ts";
import { flightsFile } from "../flights/data-files.ts";
import { earlyMs, type Flight, reportedAt } from "./flight.ts";

export interface PunctualityParams {
  /** Codes of the airports to look at; all of them unless some are given. */
  readonly airports?: readonly string[];
  /** A Parquet file with the columns `date`, `delay` and `origin`; default the flights of 2001. */
  readonly path?: string;
}

/** What the file says it may hold. */
interface FlightRow {
  readonly date: number;
  readonly delay: number | null;
  readonly origin: string | null;
}

export interface Hour {
  readonly flights: number;
  readonly delay: number;
}

/** An hour is told so long behind its end, when most flights have left. */
const reportsMs = 15 * 60_000;
/** ... and told again for so long. */
export const allowedLatenessMs = 3 * 3_600_000;

export default defineJob(
  "punctuality",
  import.meta.url,
  (job, { airports, path = flightsFile() }: PunctualityParams) => {
    const wanted = new Set(airports);
    const reports = job
      .source("flights", parquet<FlightRow>(path, { columns: ["date", "delay", "origin"] }))
      .filter("departed", ({ delay, origin }) => delay !== null && origin !== null)
      .filter("wanted", ({ origin }) => airports === undefined || wanted.has(origin as string))
      .map("flight", (row) => row as Flight)
      // Nothing that is read later has left more than `earlyMs` before this one was to leave.
      .eventTime("reported", { time: reportedAt, watermark: ({ date }) => date - earlyMs })
      .keyBy(() => "all")
      .inOrder("reports", { waitingMax: 100_000 });

    const hours = reports
      .eventTime("scheduled", { time: ({ date }) => date, outOfOrderness: reportsMs })
      .keyBy(({ origin }) => origin)
      .window("hours", tumbling("1h"), aggregate({ flights: count(), delay: mean(({ delay }) => delay) }), {
        allowedLateness: allowedLatenessMs,
        parallelism: 2,
      });
    hours.collect("told");
    hours.late().collect("late");
    reports.late().collect("too-early");
  },
);
