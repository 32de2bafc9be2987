/** JobCell: what host 0 knows of one cell of a run. */

import type { StreamCellStats } from "../../actors/index.ts";
import type { Address, Supervisor } from "../../runtime/index.ts";
import type { GraphNode, JobGraph } from "../job-graph.ts";
import type { ChainPlan, JobPlan } from "../job-plan.ts";
import { cellKey } from "./channel-attempts.ts";
import type { FailureCounts } from "./failure-counts.ts";

export interface JobCell {
  readonly key: string;
  readonly chain: ChainPlan;
  readonly instance: number;
  readonly address: Address;
  readonly supervisor: Supervisor;
  started: boolean;
  /** True from being told to start over, or lost with a thread, until it has joined the others again. */
  fresh: boolean;
  /** Whether attempts were raised for its next start already, by a restart of the whole job. */
  restartsWithAll: boolean;
  /** The cells that send to it. */
  readonly upstream: JobCell[];
  ended: boolean;
  stats: StreamCellStats | undefined;
  /**
   * What it did before it started over: up to the checkpoint that it goes on from; or, where there is none, as it said last on each thread that
   * was lost, and what the process before it may not have handed on.
   */
  before: StreamCellStats | undefined;
  /** What its operators had counted at barriers, from the last complete checkpoint on, oldest first. */
  counted: CountedAtBarrier[];
  /** What its operators have failed at. */
  readonly failures: FailureCounts;
}

export interface CountedAtBarrier {
  readonly epoch: number;
  /** By operator name, since the run began. */
  readonly operators: StreamCellStats["operators"];
}

/** Where a cell is. */
export interface CellPlace {
  readonly chain: ChainPlan;
  readonly instance: number;
  readonly host: number;
}

/** What is known of one cell. */
export interface CellStats {
  readonly cell: CellPlace;
  readonly stats: StreamCellStats | undefined;
}

/** The first node of a chain, by which its cells are named. */
export function headOf({ nodes }: JobGraph, chain: ChainPlan): GraphNode {
  return nodes[chain.nodes[0] as number] as GraphNode;
}

/** Notes for each cell which send to it. */
export function linkUpstream(cells: readonly JobCell[], { channels }: JobPlan): void {
  const cellByKey = new Map(cells.map((cell) => [cell.key, cell]));
  for (const { fromChain, fromInstance, toChain, toInstance } of channels) {
    const from = cellByKey.get(cellKey(fromChain, fromInstance));
    if (from !== undefined) cellByKey.get(cellKey(toChain, toInstance))?.upstream.push(from);
  }
}
