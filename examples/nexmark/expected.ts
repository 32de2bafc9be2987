/**
 * The rows that each query gives of the 20,000 events at 200 a second, by their number, their digest and the first two of them. They were
 * worked out by programs that share nothing with these. Of q12 only the number of bids is known.
 */

import expected from "./expected-20k.json" with { type: "json" };
import type { StreamSettings } from "./generator/event-stream.ts";
import type { RowDigest } from "./row-digest.ts";

export interface ExpectedRows extends RowDigest {
  readonly firstRows: readonly (readonly unknown[])[];
}

/** The events that the rows are of, in order. */
export const expectedStream: StreamSettings = { events: 20_000, rate: 200 };

/** By query. */
export const expectedRows: Readonly<Record<string, ExpectedRows>> = expected;
