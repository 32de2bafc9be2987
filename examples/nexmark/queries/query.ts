/**
 * Query: one query of NEXMark, twice: as it is added to a job, and as a plain loop over the same events that gives the same rows.
 */

import type { Stream } from "../../../jobs/index.ts";
import type { NexmarkEvent } from "../generator/event.ts";
import type { NexmarkStreams } from "../nexmark-streams.ts";

export interface Query {
  readonly name: string;
  /** What it asks, in a line. */
  readonly title: string;
  /** Of its rows, in order. */
  readonly columns: readonly string[];
  /** Of how many events at most it is measured, where more have too many rows to be compared. */
  readonly benchEventsMax?: number;
  /** Adds it to a job; its operators are named after it. */
  build(streams: NexmarkStreams): Stream<object>;
  /** The rows at the end of the stream, of what the job has put out. */
  rowsOf(results: readonly object[]): readonly object[];
  /** The same rows without a job. Events are in the order of their times. */
  loop(events: readonly NexmarkEvent[]): readonly object[];
}

interface QueryDefinition<Row extends object, Result extends object> {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly (keyof Row & string)[];
  readonly benchEventsMax?: number;
  readonly build: (streams: NexmarkStreams) => Stream<Result>;
  readonly rowsOf: (results: readonly Result[]) => readonly Row[];
  readonly loop: (events: readonly NexmarkEvent[]) => readonly Row[];
}

/** A query whose results are its rows. */
export function defineQuery<Row extends object>(definition: Omit<QueryDefinition<Row, Row>, "rowsOf">): Query {
  return { ...definition, rowsOf: (results) => results };
}

/** A query whose results are about rows: they replace what was told before, or hold several. */
export function defineUpdatingQuery<Row extends object, Result extends object>({
  rowsOf,
  ...definition
}: QueryDefinition<Row, Result>): Query {
  return { ...definition, rowsOf: (results) => rowsOf(results as readonly Result[]) };
}
