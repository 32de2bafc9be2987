/**
 * holdingCells: which cells hold up a run. A cell that waits for credit holds nobody up: those that take nothing from it do. So
 * the question is passed on along the channels that are full, to the cells at whose door it ends.
 */

import type { CellWait } from "../../actors/index.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "./channel-attempts.ts";

/** What is known of a cell, as it told last. */
export interface CellStanding {
  /** False while it starts over. */
  readonly isRunning: boolean;
  readonly wait: CellWait;
  /** For how long it has not moved, in ms. */
  readonly quietMs: number;
}

/** Why a cell holds others up: see `WaitingFor`. */
export type HoldReason = "takes-no-input" | "starts-over" | "is-behind";

export interface HoldingCell {
  readonly key: string;
  readonly why: HoldReason;
  /** The operator that takes no input; undefined where none stands out. */
  readonly operator: string | undefined;
  readonly quietMs: number;
}

/** Cells that have not acknowledged an epoch though all that send to them have: nobody else can be waited for. */
export function epochRoots(plan: JobPlan, missing: readonly string[]): string[] {
  const late = new Set(missing);
  const behindOthers = new Set<string>();
  for (const { fromChain, fromInstance, toChain, toInstance } of plan.channels) {
    if (late.has(cellKey(fromChain, fromInstance))) behindOthers.add(cellKey(toChain, toInstance));
  }
  return missing.filter((cell) => !behindOthers.has(cell));
}

/** Cells that have stopped to take or hand on events, or lack credit. */
export function blockedRoots(standings: ReadonlyMap<string, CellStanding>): string[] {
  return [...standings].filter(([, { isRunning, wait }]) => !isRunning || wait.kind !== "none").map(([cell]) => cell);
}

/** The cells that `roots` wait for in the end, each once. */
export function holdingCells(
  plan: JobPlan,
  standings: ReadonlyMap<string, CellStanding>,
  roots: Iterable<string>,
): HoldingCell[] {
  const holding: HoldingCell[] = [];
  const reached = new Set(roots);
  // A set is iterated in the order of insertion, what is added meanwhile included.
  for (const key of reached) {
    const standing = standings.get(key);
    if (standing === undefined) continue;
    const { isRunning, wait, quietMs } = standing;
    if (!isRunning) holding.push({ key, why: "starts-over", operator: undefined, quietMs: 0 });
    else if (wait.kind === "operator") {
      holding.push({ key, why: "takes-no-input", operator: wait.operator, quietMs });
    } else if (wait.kind === "none") holding.push({ key, why: "is-behind", operator: undefined, quietMs });
    else {
      for (const channel of wait.channels) {
        const { toChain, toInstance } = plan.channels[channel] as (typeof plan.channels)[number];
        reached.add(cellKey(toChain, toInstance));
      }
    }
  }
  return holding;
}
