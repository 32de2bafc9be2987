/**
 * AdoptedCheckpoint: a checkpoint, moved into the cells of another graph, another number of instances, or other chains. Only
 * what operators are is part of a checkpoint, never what was on its way between them, so edges may change at will.
 *
 * Invariants
 *  A1  in a chain the operators that have ended are the first ones.
 *  A2  event time starts at every instance of an operator where it was at the one of them that was furthest behind: where another
 *      number of instances sends to them now, one that got its events from the fastest alone gets those of the others, too.
 */

import { assert, mutated } from "../../runtime/index.ts";
import type { GraphNode, JobGraph } from "../job-graph.ts";
import type { ChainInstancePlan, ChainPlan, JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import type { CellStanding } from "../store/checkpoint-store.ts";
import { endedInstances, sourceStandings } from "./ended-instances.ts";
import type { OperatorChange } from "./job-comparison.ts";
import { regroupedState } from "./regrouped-state.ts";
import { lowest, type StoredInstance, type StoredOperators } from "./stored-operators.ts";

/** What a cell starts from. */
export interface AdoptedCell {
  readonly standing: CellStanding;
  /** Of each of its operators that has state, oldest first. */
  readonly deltas: ReadonlyMap<string, readonly Uint8Array[]>;
}

/**
 * By the keys of the cells in the plan.
 *
 * @param changes none of them refused
 */
export function adoptedCheckpoint(
  stored: StoredOperators,
  changes: readonly OperatorChange[],
  graph: JobGraph,
  plan: JobPlan,
): ReadonlyMap<string, AdoptedCell> {
  const storedAs = new Map(changes.map((change) => [change.operator, change.storedAs]));
  const storedOf = (node: GraphNode) => stored.get(storedAs.get(node.name) ?? "");
  const ends = endedInstances(graph, storedOf);
  const instances = graph.nodes.map((node) => moved(node, storedOf(node)?.instances));
  const cells = plan.chains.flatMap((chain) => chain.instances.map((place) => [chain, place] as const));
  return new Map(cells.map(([chain, place]) => [cellKey(chain.id, place.instance), adoptedCell(chain, place)]));

  function adoptedCell(chain: ChainPlan, { instance, inputs }: ChainInstancePlan): AdoptedCell {
    const nodes = chain.nodes.map((id) => graph.nodes[id] as GraphNode);
    const head = nodes[0] as GraphNode;
    const hasEnded = nodes.map(({ id }) => ends[id]?.[instance] === true);
    const endedCount = hasEnded.lastIndexOf(true) + 1;
    assert(
      !hasEnded.slice(0, endedCount).includes(false),
      "A1: in a chain the operators that have ended are the first",
    );
    const reached = watermarkOf(storedOf(head)?.instances, instance);
    const deltas = nodes.map(({ id, name }) => [name, instances[id]?.[instance]?.deltas ?? []] as const);
    return {
      standing: {
        position: instances[head.id]?.[instance]?.position,
        ended: endedCount === nodes.length,
        endedInputs: inputs.filter(hasEndedInput),
        watermarks: inputs.map((channel) => [
          channel,
          hasEndedInput(channel) ? Number.POSITIVE_INFINITY : reached,
          false,
        ]),
        reopenedAt:
          endedCount > 0 && endedCount < nodes.length ? endedCount - (head.kind === "source" ? 1 : 0) : undefined,
      },
      deltas: new Map(deltas.filter(([, own]) => own.length > 0)),
    };
  }

  function hasEndedInput(channel: number): boolean {
    const { edge, fromInstance } = plan.channels[channel] as JobPlan["channels"][number];
    return ends[graph.edges[edge]?.from ?? -1]?.[fromInstance] === true;
  }
}

/** A2 */
function watermarkOf(stored: readonly StoredInstance[] = [], instance: number): number {
  const watermarks = stored.map(({ watermark }) => watermark);
  return mutated("regrouped.own-watermark") ? (watermarks[instance] ?? lowest(watermarks)) : lowest(watermarks);
}

/** What each instance of now goes on from. */
function moved(
  node: GraphNode,
  stored: readonly StoredInstance[] | undefined,
): readonly Pick<StoredInstance, "position" | "deltas">[] {
  if (stored === undefined || stored.length === node.parallelism) return stored ?? [];
  if (node.kind === "source") return sourceStandings(node, stored).map(({ position }) => ({ position, deltas: [] }));
  return regroupedState(node.name, stored, node.parallelism).map((deltas) => ({ position: undefined, deltas }));
}
