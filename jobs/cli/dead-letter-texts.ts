/** DeadLetterTexts: what is said of dead letters at the end of a run, as lines for people. */

import type { EventDeadLetter } from "../../actors/index.ts";
import { readableJson } from "../store/readable-value.ts";
import { alignColumns } from "../text-columns.ts";

/** Reasons that are told of the letters of one run; the others are counted. */
const reasonsShownMax = 5;
const shownCharactersMax = 500;

/**
 * Why there are dead letters: by operator and code of their error, those with the most first, each with the oldest of them.
 *
 * @param letters those that were kept, oldest first
 * @param count all that there were
 * @param columns characters of a line of the terminal; undefined where there is none
 */
export function reasonLines(letters: readonly EventDeadLetter[], count: number, columns: number | undefined): string[] {
  const reasons = reasonsOf(letters).toSorted((one, other) => other.count - one.count);
  if (reasons.length === 0) return [];
  const rows = reasons
    .slice(0, reasonsShownMax)
    .map(({ first, code, count: ofReason }) => [
      String(ofReason),
      first.operator,
      code,
      shorten(first.error.message),
      shorten(readableJson(first.value)),
    ]);
  const others = reasons.slice(reasonsShownMax).reduce((sum, reason) => sum + reason.count, 0);
  return [
    ...alignColumns([["dead letters", "operator", "error", "one of them", "its event"], ...rows], columns || undefined),
    ...(others === 0 ? [] : [`... and ${others} for ${reasons.length - reasonsShownMax} other reasons`]),
    ...(count <= letters.length ? [] : [`... and ${count - letters.length} that were not kept`]),
  ];
}

/** The command that tells of the letters of a job with a storage. */
export function whereTheyAre(job: string, storage: string): string {
  return `millrace dead-letters list ${job} --storage ${JSON.stringify(storage)} tells why there are dead letters`;
}

/** The first line of a text, up to what is worth reading in a table. */
export function shorten(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length <= shownCharactersMax ? line : `${line.slice(0, shownCharactersMax)}...`;
}

interface Reason {
  readonly first: EventDeadLetter;
  readonly code: string;
  count: number;
}

function reasonsOf(letters: readonly EventDeadLetter[]): Reason[] {
  const reasons = new Map<string, Reason>();
  for (const letter of letters) {
    const code = letter.error.code ?? letter.error.name;
    const name = JSON.stringify([letter.operator, code]);
    const reason = reasons.get(name) ?? { first: letter, code, count: 0 };
    reason.count += 1;
    reasons.set(name, reason);
  }
  return [...reasons.values()];
}
