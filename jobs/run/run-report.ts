/** RunReport: what a run did, per operator and instance: where it ran, and how many events it took and emitted. */

import { noCounters, type OperatorCounters, type SourceProgress, type StateSize } from "../../actors/index.ts";
import type { GraphNode, JobGraph } from "../job-graph.ts";
import { type HotKey, hotKeys } from "./hot-keys.ts";
import type { CellStats } from "./job-cell.ts";
import type { RunEpochReport } from "./job-epochs.ts";
import type { WaitingFor } from "./waiting-for.ts";

export type RunStatus = "starting" | "running" | "draining" | "completed" | "stopped" | "cancelled" | "failed";

export interface RunReport {
  readonly job: string;
  readonly runId: string;
  readonly status: RunStatus;
  /** Since the job was submitted. */
  readonly elapsedMs: number;
  readonly operators: readonly OperatorReport[];
  /**
   * Events that were lost with a thread: in flight to or from its cells, waiting in them to be sent, held
   * by an operator (a call in flight, a line not written) or reserved by a source; or, under at-most-once with a storage, all
   * that with the process before, when that died or its run failed, and what the report of that run would have said. An upper
   * bound of what was lost there.
   */
  readonly lostEvents: number;
  /** What others wait for and has not moved for a second or more; empty in a run that flows. */
  readonly waitingFor: readonly WaitingFor[];
  /** Keys that make up a tenth or more of what came lately to an operator with several instances. */
  readonly hotKeys: readonly HotKey[];
  /** Undefined under at-most-once, which has none. */
  readonly epochs: RunEpochReport | undefined;
}

export interface OperatorReport {
  /** The operator's name. */
  readonly name: string;
  readonly kind: GraphNode["kind"];
  /** Over all instances. */
  readonly total: OperatorCounters;
  readonly instances: readonly InstanceReport[];
}

/**
 * Its counters go back with its state when it starts over, so that under exactly-once each event is counted once. At-most-once, which goes back
 * to nothing, adds up what each thread told; of one that was lost, what it told when a report was asked for last.
 */
export interface InstanceReport extends OperatorCounters {
  readonly instance: number;
  /** 0 is the calling thread. */
  readonly host: number;
  /** Of the platform; 0 for the main thread. */
  readonly threadId: number;
  /** Of a source over a bounded input. */
  readonly progress: SourceProgress | undefined;
  /** How far event time has come on its input, in ms since the epoch; -Infinity before the first event time, and without any. */
  readonly watermark: number;
  /** What a sink has been waiting for long, with the reason: a commit that fails, say; undefined when nothing holds it up. */
  readonly waitsFor: string | undefined;
  /** How much state it keeps; undefined of operators that do not tell: those but `count`, `reduce`, `scan`, windows and what a `process` makes. */
  readonly state: StateSize | undefined;
}

/** The operators of a report, in the order of the graph, and their hot keys. */
export function workReport(
  graph: JobGraph,
  cells: readonly CellStats[],
  threadIdOf: (host: number) => number,
): Pick<RunReport, "operators" | "hotKeys"> {
  return { operators: operatorReports(graph, cells, threadIdOf), hotKeys: hotKeys(graph, cells) };
}

function operatorReports(
  graph: JobGraph,
  cells: readonly CellStats[],
  threadIdOf: (host: number) => number,
): OperatorReport[] {
  return graph.nodes.map((node) => {
    const instances = cells
      .filter(({ cell }) => cell.chain.nodes.includes(node.id))
      .map(({ cell, stats }): InstanceReport => {
        const counters = stats?.operators[node.name] ?? noCounters;
        const progress = node.kind === "source" ? stats?.progress : undefined;
        const { instance, host } = cell;
        const waitsFor = stats?.waits[node.name];
        const watermark = stats?.watermarks[node.name]?.time ?? Number.NEGATIVE_INFINITY;
        const state = stats?.sizes[node.name];
        return { instance, host, threadId: threadIdOf(host), progress, watermark, waitsFor, state, ...counters };
      });
    return { name: node.name, kind: node.kind, total: sum(instances), instances };
  });
}

function sum(counters: readonly OperatorCounters[]): OperatorCounters {
  const total = { ...noCounters };
  for (const each of counters) {
    total.in += each.in;
    total.out += each.out;
    total.deadLetters += each.deadLetters;
    total.late += each.late;
    total.early += each.early;
  }
  return total;
}
