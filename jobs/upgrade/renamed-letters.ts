/** renamedLetters: dead letters of operators that had another name in the version of the job that gave the events up. */

import type { KeptLetter } from "../letters/letter-box.ts";
import type { OperatorChange } from "./job-comparison.ts";

export function renamedLetters(letters: readonly KeptLetter[], changes: readonly OperatorChange[]): KeptLetter[] {
  const nameNow = new Map(
    changes.flatMap(({ operator, storedAs }) => (storedAs ? [[storedAs, operator] as const] : [])),
  );
  return letters.map((kept) => {
    const operator = nameNow.get(kept.letter.operator);
    return operator === undefined ? kept : { ...kept, letter: { ...kept.letter, operator } };
  });
}
