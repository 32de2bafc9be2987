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

/** The events by which queries are measured, in order. */
export const benchStream = { events: 1_000_000, rate: 10_000 } as const;

/** How many rows each query gives of these, found by the same programs. Of the others none are known. */
export const benchRowCounts: Readonly<Record<string, number>> = {
  q0: 920_000,
  q1: 920_000,
  q2: 8_308,
  q3: 5_589,
  q4: 5,
  q5: 172,
  q7: 10,
  q8: 8_714,
  q9: 42_037,
  q11: 19_922,
  q13: 920_000,
  q14: 260_563,
  q15: 1,
  q16: 10_004,
  q17: 48_148,
  q18: 265_594,
  q19: 367_246,
  q20: 177_120,
  q21: 871_729,
  q22: 920_000,
};
