/**
 * LetterDesk: which dead letters the cells of one run are given again, and which cells are reopened for that: those that had
 * ended when the run began, and whatever is downstream of them.
 *
 * A letter is given to every new incarnation of its cell until a checkpoint says that it took effect; the cell knows those it
 * was given twice. So a letter takes effect exactly once, where everything else does.
 *
 * Invariants
 *  D1  a letter goes to the instance that owns its key, or else to the one that gave it up.
 *  D2  while a cell has letters to take it does not end, and while one upstream is reopened its input has not ended.
 */

import { type CellRestore, type EventDeadLetter, instanceOfKey, resubmittedInFlightMax } from "../../actors/index.ts";
import { regionOf } from "../epochs/region.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import type { LetterBox } from "./letter-box.ts";

/** Where a cell stands in a checkpoint. */
type CheckpointStanding = Omit<CellRestore, "deltas">;

/** Letters for one cell. */
export interface LetterDelivery {
  readonly letters: readonly EventDeadLetter[];
  readonly areMoreToCome: boolean;
}

/** Where in the plan the operator of a letter is. */
export interface LetterTarget {
  readonly cell: string;
  /** Its index among the operators of the chain, the source not among them. */
  readonly stage: number;
}

interface Reopened {
  /** The checkpoint from which they were reopened. */
  readonly epoch: number;
  /** Cells whose input has ended, and the stage from which on they go on. */
  readonly stages: ReadonlyMap<string, number>;
  /** These, and all downstream of them. */
  readonly region: ReadonlySet<string>;
}

export class LetterDesk {
  readonly #graph: JobGraph;
  readonly #plan: JobPlan;
  readonly #box: LetterBox;
  /** By cell, the ids given to its incarnation that no checkpoint holds yet. */
  readonly #given = new Map<string, Set<string>>();
  #reopened: Reopened | undefined;

  constructor(graph: JobGraph, plan: JobPlan, box: LetterBox) {
    this.#graph = graph;
    this.#plan = plan;
    this.#box = box;
  }

  /** The operator that a letter is for; undefined when the job has none of that name that takes events. */
  targetOf({ operator, instance, key }: EventDeadLetter): LetterTarget | undefined {
    const node = this.#graph.nodes.find(({ name, kind }) => name === operator && kind !== "source");
    const place = node === undefined ? undefined : this.#plan.places[node.id];
    const chain = place === undefined ? undefined : this.#plan.chains[place.chain];
    if (node === undefined || place === undefined || chain === undefined) return undefined;
    const isKeyed = this.#graph.edges.some(({ to, grouping }) => to === node.id && grouping.kind === "key");
    const owner = isKeyed && key !== undefined ? instanceOfKey(key, chain.parallelism) : instance % chain.parallelism;
    const hasSource = this.#graph.nodes[chain.nodes[0] as number]?.kind === "source";
    return { cell: cellKey(chain.id, owner), stage: place.indexInChain - (hasSource ? 1 : 0) };
  }

  /** Reopens what had ended in the checkpoint that the run starts from, and has letters to take. */
  reopen(epoch: number, standingOf: (cell: string) => CheckpointStanding | undefined): void {
    const stages = new Map<string, number>();
    for (const { cell, stage } of this.#targets()) {
      const standing = standingOf(cell);
      if (standing === undefined || !(standing.ended || standing.reopenedAt !== undefined)) continue;
      stages.set(cell, Math.min(stage, stages.get(cell) ?? stage, standing.reopenedAt ?? stage));
    }
    this.#reopened = { epoch, stages, region: this.#downstreamOf(stages.keys()) };
  }

  /** What a cell starts from, once some are reopened. */
  opened<S extends CheckpointStanding>(cell: string, restore: S | undefined): S | undefined {
    const reopened = this.#reopened;
    if (restore === undefined || restore.epoch !== reopened?.epoch || !reopened.region.has(cell)) return restore;
    const fromRegion = this.#plan.channels.filter(
      ({ fromChain, fromInstance, toChain, toInstance }) =>
        cellKey(toChain, toInstance) === cell && reopened.region.has(cellKey(fromChain, fromInstance)),
    );
    if (fromRegion.length === 0) return { ...restore, ended: false, reopenedAt: reopened.stages.get(cell) };
    const open = new Set(fromRegion.map(({ id }) => id));
    const endedInputs = restore.endedInputs.filter((channel) => !open.has(channel));
    return { ...restore, ended: false, reopenedAt: undefined, endedInputs };
  }

  /** A cell starts, or starts over: whether it has letters to take, all of which it is given anew. */
  startsWith(cell: string): boolean {
    const awaits = this.#targets().some((target) => target.cell === cell);
    if (awaits) this.#given.set(cell, new Set());
    else this.#given.delete(cell);
    return awaits;
  }

  /** What a cell is to be given now, or told; undefined when there is nothing to say. */
  deliver(cell: string): LetterDelivery | undefined {
    const given = this.#given.get(cell);
    const wished = this.#box.wished().filter((letter) => this.targetOf(letter)?.cell === cell);
    if (given === undefined && wished.length === 0) return undefined;
    const inFlight = new Set(wished.flatMap(({ id }) => (given?.has(id) ? [id] : [])));
    const waiting = wished.filter(({ id }) => !inFlight.has(id));
    const letters = waiting.slice(0, resubmittedInFlightMax - inFlight.size);
    for (const { id } of letters) inFlight.add(id);
    if (wished.length === 0) this.#given.delete(cell);
    else this.#given.set(cell, inFlight);
    const areMoreToCome = waiting.length > letters.length;
    return { letters, areMoreToCome };
  }

  #downstreamOf(cells: Iterable<string>): ReadonlySet<string> {
    return regionOf(this.#plan, this.#graph, cells, "exactly-once", new Set());
  }

  #targets(): LetterTarget[] {
    return this.#box.wished().flatMap((letter) => this.targetOf(letter) ?? []);
  }
}
