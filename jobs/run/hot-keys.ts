/** hotKeys: keys of which so many events come that the instance that owns them has more to do than others. */

import { instanceOfKey, type Key, type KeyFigures } from "../../actors/index.ts";
import type { GraphEdge, JobGraph } from "../job-graph.ts";
import { hotKeySampleMin, hotKeyShareMin } from "../limits.ts";
import type { CellStats } from "./job-cell.ts";

export interface HotKey {
  /** The operator that takes the events. */
  readonly operator: string;
  /** A text is cut off behind 200 characters. */
  readonly key: Key;
  /** The part of the events that came lately which has the key, at least, from a sample: 0.6 for six in ten. */
  readonly share: number;
  /** The instance that owns the key. */
  readonly instance: number;
}

/** Those of operators with several instances, by operator; of each the most frequent first. */
export function hotKeys(graph: JobGraph, cells: readonly CellStats[]): readonly HotKey[] {
  return graph.nodes.flatMap((node) => {
    const edges = graph.edges.filter(({ to, grouping }) => to === node.id && grouping.kind === "key");
    if (node.parallelism === 1 || edges.length === 0) return [];
    const { sampled, counts } = together(edges.flatMap((edge) => figuresOn(edge, cells)));
    if (sampled < hotKeySampleMin) return [];
    const found = [...counts].map(([key, count]): HotKey => {
      return { operator: node.name, key, share: count / sampled, instance: instanceOfKey(key, node.parallelism) };
    });
    return found.filter(({ share }) => share >= hotKeyShareMin).toSorted((left, right) => right.share - left.share);
  });
}

/** What the senders know of the keys on an edge. */
function figuresOn(edge: GraphEdge, cells: readonly CellStats[]): readonly KeyFigures[] {
  return cells.flatMap(({ cell: { chain, instance }, stats }) => {
    const output = chain.instances[instance]?.outputs.findIndex((each) => each.edge === edge.id) ?? -1;
    const figures = stats?.keys[output];
    return figures === undefined ? [] : [figures];
  });
}

function together(all: readonly KeyFigures[]): { readonly sampled: number; readonly counts: ReadonlyMap<Key, number> } {
  const counts = new Map<Key, number>();
  let sampled = 0;
  for (const figures of all) {
    sampled += figures.sampled;
    for (const [key, count] of figures.counts) counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return { sampled, counts };
}
