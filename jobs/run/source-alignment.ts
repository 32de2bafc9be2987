/**
 * SourceAlignment: keeps the sources of a job together in event time: those that are too far ahead read no further until the
 * slowest has come after them (`eventTime(..., { maxDrift })`).
 *
 * Every so often the cells that say how far event time has come are asked, and the fast ones are told how far they may go: the more
 * often, the faster the slowest is, or a source with a limit it could reach at once would be told no sooner.
 */

import { type OperatorWatermark, type StreamSignal, signalKind } from "../../actors/index.ts";
import { assert, type CancelTimer, type Clock, OptionError } from "../../runtime/index.ts";
import { type GraphNode, givesEventTime, type JobGraph, nodeTitle } from "../job-graph.ts";
import { alignmentMs, alignmentMsMin, alignmentsPerDrift } from "../limits.ts";
import { headOf, type JobCell } from "./job-cell.ts";

export interface AlignmentLinks {
  /** Has the cells tell how they are doing; resolves when they have. */
  readonly ask: (cells: readonly JobCell[]) => Promise<void>;
  readonly signal: (cell: JobCell, signal: StreamSignal) => void;
}

export class SourceAlignment {
  readonly #clock: Clock;
  readonly #graph: JobGraph;
  /** The cells that say how far event time has come. */
  readonly #cells: readonly JobCell[];
  readonly #links: AlignmentLinks;
  #cancel: CancelTimer | undefined;
  #isStopped = false;
  /** How far the slowest was when it was looked last, and when that was. */
  #slowest = Number.NaN;
  #lookedMs = 0;
  #pauseMs = alignmentMs;

  /** @throws ERR_RT_OPTION for a `maxDrift` that does not stand directly behind a source */
  constructor(clock: Clock, graph: JobGraph, cells: readonly JobCell[], links: AlignmentLinks) {
    this.#clock = clock;
    this.#graph = graph;
    this.#links = links;
    this.#cells = cells.filter((cell) => timersOf(graph, cell).length > 0);
    for (const cell of this.#cells) {
      for (const node of timersOf(graph, cell)) checkPlace(headOf(graph, cell.chain), node);
    }
  }

  /** Nothing happens where no stream has a `maxDrift`. */
  start(): void {
    const isWanted = this.#cells.some((cell) =>
      timersOf(this.#graph, cell).some((node) => driftOf(node) !== undefined),
    );
    if (isWanted) this.#next();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #next(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(this.#pauseMs, () => void this.#align().then(() => this.#next()));
  }

  async #align(): Promise<void> {
    const cells = this.#cells.filter(({ started, ended }) => started && !ended);
    await this.#links.ask(cells);
    if (this.#isStopped) return;
    const standings = cells.map((cell) => timersOf(this.#graph, cell).map(({ name }) => cell.stats?.watermarks[name]));
    const slowest = slowestOf(standings.flat());
    let smallestDrift = Number.POSITIVE_INFINITY;
    for (const cell of cells) {
      const drifts = timersOf(this.#graph, cell).flatMap((node) => driftOf(node) ?? []);
      if (drifts.length === 0) continue;
      const drift = Math.min(...drifts);
      smallestDrift = Math.min(smallestDrift, drift);
      this.#links.signal(cell, [signalKind.eventTimeLimit, slowest + drift]);
    }
    const nowMs = this.#clock.monotonicMs();
    this.#pauseMs = alignmentPauseMs(smallestDrift, slowest - this.#slowest, nowMs - this.#lookedMs);
    this.#slowest = slowest;
    this.#lookedMs = nowMs;
  }
}

/** When to look again, in ms, where the slowest came on by `movedMs` of event time in `elapsedMs`. */
export function alignmentPauseMs(driftMs: number, movedMs: number, elapsedMs: number): number {
  // Where there is no slowest, or was none, nothing is known.
  if (!(movedMs > 0 && movedMs < Number.POSITIVE_INFINITY)) return alignmentMs;
  const wantedMs = (driftMs * elapsedMs) / (alignmentsPerDrift * movedMs);
  return Math.min(Math.max(wantedMs, alignmentMsMin), alignmentMs);
}

/**
 * How far the slowest of some streams is; Infinity when nobody holds the others up. One that has not said anything yet, as one
 * that started over, holds up none: the others would wait before it is known whether it has events.
 */
function slowestOf(standings: readonly (OperatorWatermark | undefined)[]): number {
  let slowest = Number.POSITIVE_INFINITY;
  for (const standing of standings) {
    if (standing === undefined || standing.told.isIdle || standing.told.time === Number.NEGATIVE_INFINITY) continue;
    slowest = Math.min(slowest, standing.told.time);
  }
  return slowest;
}

/** The nodes of a cell that say how far event time has come. */
function timersOf(graph: JobGraph, { chain }: JobCell): readonly GraphNode[] {
  return chain.nodes.map((id) => graph.nodes[id] as GraphNode).filter(givesEventTime);
}

function driftOf({ kind, spec }: GraphNode): number | undefined {
  assert(kind === "operator", "event time is told by an operator");
  return "maxDriftMs" in spec ? spec.maxDriftMs : undefined;
}

function checkPlace(head: GraphNode, node: GraphNode): void {
  const drift = driftOf(node);
  if (drift === undefined || head.kind === "source") return;
  throw new OptionError(
    `${nodeTitle(node)}: eventTime: maxDrift`,
    drift,
    "a stream directly behind its source, with the same parallelism and supervision, or none",
  );
}
