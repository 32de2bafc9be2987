/**
 * Region: the chain instances that start over together when some fail.
 *
 * Exactly-once: those that fail and everything downstream of them, so that nothing outside has seen what they did since the
 * checkpoint (P1). Otherwise only those that fail, but for two cases: an event that comes again may go another way than before
 * where a grouping looks at more than the event. Under event time, who is on that other way has told already how far the failed
 * one had come; to everybody behind it the event would be late, and be lost. So who such a grouping leads to starts over, too, and who is sent
 * to by nobody but one of those: it has told the same. Where all of them send to one, it has told no more than the slowest of them.
 *
 * And those that have ended since the checkpoint, and are sent something again: they would start over for it one by one, each with the
 * senders that keep nothing, which send to the next one that has ended again, and so on without end. So do those that have ended since, and
 * are on their way to their end again.
 *
 * Under both, a channel that keeps nothing takes along whoever is at its other end: the sender of one that starts over, which
 * could send it nothing again, and the receiver, which under exactly-once is downstream anyway.
 */

import type { Grouping } from "../../actors/index.ts";
import { mutated } from "../../runtime/index.ts";
import { type GraphNode, givesEventTime, type JobGraph, leadingTo } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import type { Guarantee } from "./guarantee.ts";

/**
 * Keys of the chain instances that start over when `failed` do.
 *
 * @param unkept channels that keep nothing; of at-most-once, where none does, this means none
 * @param ended keys of those that have ended since the checkpoint; by default none
 */
export function regionOf(
  plan: JobPlan,
  graph: JobGraph,
  failed: Iterable<string>,
  guarantee: Guarantee,
  unkept: ReadonlySet<number>,
  ended: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const region = new Set(failed);
  if (mutated("region.failed-only")) return region;
  const takenAlong = edgesTakenAlong(graph, guarantee);
  const joined = guarantee === "at-most-once" ? new Set<number>() : unkept;
  const comesAgain = guarantee === "at-least-once" ? ended : new Set();
  if (takenAlong.size === 0 && joined.size === 0 && comesAgain.size === 0) return region;
  const next = new Map<string, string[]>();
  const lead = (from: string, to: string) => {
    const known = next.get(from);
    if (known === undefined) next.set(from, [to]);
    else known.push(to);
  };
  for (const { id, edge, fromChain, fromInstance, toChain, toInstance } of plan.channels) {
    const isJoined = joined.has(id);
    const receiver = cellKey(toChain, toInstance);
    if (!isJoined && !takenAlong.has(edge) && !comesAgain.has(receiver)) continue;
    const sender = cellKey(fromChain, fromInstance);
    lead(sender, receiver);
    if (isJoined && !mutated("region.leaves-senders")) lead(receiver, sender);
  }
  // A set is iterated in the order of insertion, what is added meanwhile included.
  for (const cell of region) for (const other of next.get(cell) ?? []) region.add(other);
  return region;
}

/** The edges along which a region goes on. */
function edgesTakenAlong(graph: JobGraph, guarantee: Guarantee): ReadonlySet<number> {
  if (guarantee === "exactly-once") return new Set(graph.edges.map(({ id }) => id));
  if (guarantee === "at-most-once") return new Set();
  const choosing = graph.edges.filter(({ from, grouping }) => {
    return mayGoAnotherWay.has(grouping.kind) && hasEventTime(graph, from);
  });
  const taken = new Set(choosing);
  // A set is iterated in the order of insertion, what is added meanwhile included.
  for (const { to } of taken) {
    for (const edge of graph.edges) if (edge.from === to && edge.grouping.kind === "forward") taken.add(edge);
  }
  return new Set([...taken].map(({ id }) => id));
}

/** What a partition function of a job looks at is not known. */
const mayGoAnotherWay: ReadonlySet<Grouping["kind"]> = new Set(["shuffle", "least-loaded", "custom"]);

function hasEventTime({ nodes, edges }: JobGraph, id: number): boolean {
  return [...leadingTo([id], edges)].some((each) => givesEventTime(nodes[each] as GraphNode));
}
