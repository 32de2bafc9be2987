/** UpgradeReport: what becomes of a checkpoint in another version of its job, as text: one line per operator. */

import type { OperatorChange } from "./job-comparison.ts";

/** Whether there is nothing to tell of it. */
export function isUnchanged({ becomes, facts, refusal }: OperatorChange): boolean {
  return refusal === undefined && becomes === "kept" && facts.length === 0;
}

/** The operators that have changed, those that stand in the way first. */
export function changesText(changes: readonly OperatorChange[]): string {
  const told = changes.filter((change) => !isUnchanged(change));
  const inTheWay = told.filter(({ refusal }) => refusal !== undefined);
  const others = told.filter(({ refusal }) => refusal === undefined);
  return [...inTheWay, ...others].map(lineOf).join("\n");
}

function lineOf({ becomes, kind, operator, facts, refusal }: OperatorChange): string {
  const verdict = refusal === undefined ? becomes : "refused";
  const reasons = refusal === undefined || facts.some((fact) => fact.includes(refusal)) ? facts : [refusal, ...facts];
  const text = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
  return `  ${verdict.padEnd(widthOfVerdict)} ${kind} ${JSON.stringify(operator)}${text}`;
}

const widthOfVerdict = "migrated".length;
