/**
 * compareOutputs: what a guarantee promises about the output of a run under faults, held against that of a run without.
 *
 * Events are compared by what they say, not by their order across the stream: under faults streams that meet interleave
 * differently. The order within a key is compared where the caller says what the key of an event is. Results of state, such as
 * counts, can be compared under exactly-once only: events that are lost or repeated change what follows them.
 */

import type { Guarantee } from "../epochs/guarantee.ts";
import { outputViolations } from "./invariants/output-invariants.ts";

export interface CompareOptions {
  /** Names the sink in what is returned. */
  readonly sink: string;
  /** The key of an event, within which the order is compared; absent: no order is. */
  readonly keyOf?: (event: unknown) => unknown;
}

/** What the guarantee does not allow, a line each; empty when it holds. */
export function compareOutputs(
  expected: readonly unknown[],
  actual: readonly unknown[],
  guarantee: Guarantee,
  { sink, keyOf }: CompareOptions,
): string[] {
  return outputViolations({ sink, expected, actual, keyOf }, guarantee).map(({ message }) => message);
}
