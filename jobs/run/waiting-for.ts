/** WaitingFor: which operators a run waits for, by name, and how to say so. */

import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import {
  blockedRoots,
  type CellStanding,
  epochRoots,
  type HoldingCell,
  type HoldReason,
  holdingCells,
} from "./holding-cells.ts";
import type { JobCell } from "./job-cell.ts";

export interface WaitingFor {
  /** The operator's name. */
  readonly operator: string;
  readonly instance: number;
  /** 0 is the calling thread. */
  readonly host: number;
  /**
   * - `takes-no-input`: calls in flight do not end, or what it writes to takes no more
   * - `waits-outside`: it says itself what for: a commit that fails and is tried again, say
   * - `is-not-read`: nobody iterates over this output, or not fast enough
   * - `starts-over`: it has failed, or was lost with its thread
   * - `is-behind`: it has events to work off, or nothing to say for itself
   */
  readonly why: HoldReason | "is-not-read" | "waits-outside";
  /** What it says itself that it waits for. */
  readonly waitsFor: string | undefined;
  /** For how long it has not moved, in ms. */
  readonly forMs: number;
}

/**
 * Who holds up the cells of a run, as they told last.
 *
 * @param missing cells that have not acknowledged the epoch in flight; undefined to look at all that are blocked
 */
export function waitingFor(
  graph: JobGraph,
  plan: JobPlan,
  cells: readonly JobCell[],
  missing?: readonly string[],
): WaitingFor[] {
  const standings = new Map(cells.map((cell) => [cell.key, standingOf(cell)]));
  const roots = missing === undefined ? blockedRoots(standings) : epochRoots(plan, missing);
  const cellByKey = new Map(cells.map((cell) => [cell.key, cell]));
  return holdingCells(plan, standings, roots).map((holding) => {
    const { chain, instance, address, stats } = cellByKey.get(holding.key) as JobCell;
    const nodes = chain.nodes.map((id) => graph.nodes[id]);
    const node = nodes.find((each) => each?.name === holding.operator) ?? nodes[0];
    const waitsFor = nodes.map((each) => stats?.waits[each?.name ?? ""]).find((text) => text !== undefined);
    const why = waitsFor === undefined ? whyOf(holding, node?.label === "output") : "waits-outside";
    return { operator: node?.name ?? "", instance, host: address.host, why, waitsFor, forMs: holding.quietMs };
  });
}

/** `"out" has taken no input for 12.3 s` */
export function waitText({ operator, instance, why, waitsFor, forMs }: WaitingFor): string {
  const name = `${JSON.stringify(operator)}${instance === 0 ? "" : ` instance ${instance}`}`;
  const seconds = `${(forMs / 1_000).toFixed(1)} s`;
  switch (why) {
    case "takes-no-input":
      return `${name} has taken no input for ${seconds}`;
    case "waits-outside":
      return `${name} waits for ${waitsFor}`;
    case "is-not-read":
      return `${name} has not been read for ${seconds}`;
    case "starts-over":
      return `${name} starts over`;
    case "is-behind":
      return `${name} has not moved for ${seconds}`;
  }
}

function standingOf({ started, stats }: JobCell): CellStanding {
  return { isRunning: started, wait: stats?.wait ?? { kind: "none" }, quietMs: stats?.quietMs ?? 0 };
}

function whyOf({ why }: HoldingCell, isOutput: boolean): WaitingFor["why"] {
  return isOutput && why === "takes-no-input" ? "is-not-read" : why;
}
