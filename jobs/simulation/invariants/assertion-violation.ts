/**
 * assertionViolation: which promise a failed assertion of the runtime belongs to. What can be seen at one place in the code is
 * asserted there, in production too, and needs no second check here.
 */

import type { Invariant, Violation } from "./violation.ts";

/** By the number and the first words that an assertion has in its file. */
const promises: readonly (readonly [assertion: string, invariant: Invariant])[] = [
  ["N2: items come in order", "I3"],
  ["H2: one cell per path", "I12"],
  ["I4: one child has the name", "I12"],
  ["C4: a cell goes from", "I12"],
  ["C3: incarnations of an address increase", "I5"],
  ["X3: a sink starts over", "I5"],
  ["H3: state per key", "I6"],
  ["H4: state of any instance", "I6"],
  ["B1: the barriers of an input", "P2"],
  ["B2: at a release", "P2"],
  ["E1: one epoch is in flight", "P2"],
  ["X1: epochs are closed in order", "P2"],
  ["O1: acknowledged <= sent", "P3"],
  ["O5: nothing but barriers", "P3"],
  ["E2: only cells of the run acknowledge", "P4"],
  ["X1: only what is due", "P5"],
  ["P5: only complete epochs", "P5"],
  ["C1: epochs increase", "P7"],
  ["C2: state comes with", "P7"],
  ["N3: a batch comes", "P8"],
  ["O6: no more is consumed", "P8"],
];

/** @param text of a failed assertion, with or without what stands before it */
export function assertionViolation(text: string): Violation {
  const found = promises.find(([assertion]) => text.includes(assertion));
  return { invariant: found?.[1] ?? "assertion", message: text };
}
