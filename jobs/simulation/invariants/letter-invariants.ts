/** I13: what is given up is counted and kept: no dead letter is lost, and none is told that is not kept. */

import type { EventDeadLetter } from "../../../actors/index.ts";
import type { RunRecord } from "./run-record.ts";
import type { Violation } from "./violation.ts";

/** What the run keeps in the end. */
export interface KeptLetters {
  readonly letters: readonly Pick<EventDeadLetter, "id" | "operator">[];
  /** Letters for which there was no room. */
  readonly droppedCount: number;
}

export function lettersOutOfStep(
  { facts, guarantee, status, lives }: RunRecord,
  { letters, droppedCount }: KeptLetters,
): Violation[] {
  if (status !== "completed" || droppedCount > 0 || guarantee === "at-most-once") return [];
  const kept = new Set(letters.map(({ id }) => id));
  const told = facts.flatMap(({ fact }) =>
    fact.kind === "dead-letters"
      ? fact.letters.flatMap((letter) => ("id" in letter ? [(letter as EventDeadLetter).id] : []))
      : [],
  );
  const unknown = told.filter((id) => !kept.has(id));
  const violations: Violation[] = [];
  if (unknown.length > 0) {
    violations.push({
      invariant: "I13",
      message: `${unknown.length} dead letters were told and are not kept: ${unknown[0]}`,
    });
  }
  const known = new Set(told);
  // A process that dies between the checkpoint and the news of it tells nobody.
  const untold = lives > 1 ? [] : [...kept].filter((id) => !known.has(id));
  if (untold.length > 0) {
    violations.push({
      invariant: "I13",
      message: `${untold.length} dead letters are kept and were told nobody: ${untold[0]}`,
    });
  }
  const twice = told.filter((id, index) => told.indexOf(id) !== index);
  if (twice.length > 0) {
    violations.push({ invariant: "I13", message: `${twice.length} dead letters were told twice: ${twice[0]}` });
  }
  return violations;
}
