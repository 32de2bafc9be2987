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
    ...byVersion(record).flatMap((version) => [
      ...startsFromOtherEpoch(version),
      ...inputsEndedEarly(version),
      ...attemptsUsedAgain(version),
      ...restartsBeyondRegion(version),
      ...restartsOffBudget(version),
      ...actorsLeftBehind(version),
    ]),
    ...lettersOutOfStep(record, letters),
  ];
}

/** What was noted of each version of the job, as of a run of its own. */
function byVersion(record: RunRecord): readonly RunRecord[] {
  const { graph, plan, lives, status, past, facts, starts, endings } = record;
  const last = { graph, plan, lastLife: lives, lastEpoch: Number.POSITIVE_INFINITY };
  return [...past, last].map((version, index) => {
    const before = past[index - 1] ?? { lastLife: 0, lastEpoch: 0 };
    const isOwn = ({ life }: { readonly life: number }) => life > before.lastLife && life <= version.lastLife;
    return {
      ...record,
      ...{ graph: version.graph, plan: version.plan, past: [], lives: version.lastLife },
      status: version === last ? status : "cancelled",
      facts: facts.filter(isOwn),
      starts: starts.filter(isOwn),
      endings: endings.filter(({ epoch }) => epoch > before.lastEpoch && epoch <= version.lastEpoch),
    };
  });
}
