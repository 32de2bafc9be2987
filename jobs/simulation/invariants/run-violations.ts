/**
 * runViolations: what one simulated run broke of what its guarantee promises. What needs a run without faults to compare with
 * stands in output-invariants.ts.
 */

import { assertionViolation } from "./assertion-violation.ts";
import { inputsEndedEarly } from "./ended-inputs.ts";
import { type KeptLetters, lettersOutOfStep } from "./letter-invariants.ts";
import { dishonestEnd, standstill } from "./progress-invariants.ts";
import {
  actorsLeftBehind,
  attemptsUsedAgain,
  restartsBeyondRegion,
  restartsOffBudget,
  startsFromOtherEpoch,
} from "./restart-invariants.ts";
import type { RunRecord } from "./run-record.ts";
import type { Violation } from "./violation.ts";

/** Empty when all held. */
export function runViolations(record: RunRecord, letters: KeptLetters): readonly Violation[] {
  // Behind a failed assertion nothing has to hold.
  if (record.assertions.length > 0) return record.assertions.map(assertionViolation);
  return [
    ...record.seen,
    ...standstill(record),
    ...dishonestEnd(record),
    ...startsFromOtherEpoch(record),
    ...inputsEndedEarly(record),
    ...attemptsUsedAgain(record),
    ...restartsBeyondRegion(record),
    ...restartsOffBudget(record),
    ...actorsLeftBehind(record),
    ...lettersOutOfStep(record, letters),
  ];
}
