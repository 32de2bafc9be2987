/** swarmViolations: what of its guarantee a sink of the swarm does not hold, by the invariants of the fault catalogue. */

import type { Guarantee } from "../../epochs/guarantee.ts";
import type { Invariant, Violation } from "../invariants/violation.ts";
import { ghostCount, idOf } from "./swarm-item.ts";
import type { ModelFlow } from "./swarm-model.ts";
import type { SwarmItem } from "./swarm-plan.ts";

/** @param shown what the sink holds in the end, in the order in which it came */
export function swarmViolations(
  sink: string,
  shown: readonly SwarmItem[],
  model: ModelFlow,
  guarantee: Guarantee,
): Violation[] {
  const violations: Violation[] = [];
  const broken = (invariant: Invariant, message: string): void =>
    void violations.push({ invariant, message: `${sink}: ${message}` });
  const wanted = new Map(model.items.map((item) => [idOf(item), item]));
  const times = new Map<string, number>();
  for (const item of shown) times.set(idOf(item), (times.get(idOf(item)) ?? 0) + 1);
  const missing = [...wanted.keys()].filter((id) => !times.has(id));
  const doubled = [...times].filter(([, count]) => count > 1).map(([id]) => id);
  const foreign = [...times.keys()].filter((id) => !wanted.has(id));
  if (foreign.length > 0) broken("I11", `holds what was never sent: ${some(foreign)}`);
  if (guarantee !== "at-most-once" && missing.length > 0) broken("I1", `misses ${some(missing)}`);
  if (guarantee !== "at-least-once" && doubled.length > 0) broken("I2", `holds twice ${some(doubled)}`);
  if (guarantee !== "at-least-once" && model.isOrdered) {
    const message = orderBroken(shown);
    if (message !== undefined) broken("I3", message);
  }
  const ghostly = shown.find(({ counts }) => counts.some((count) => count >= ghostCount));
  if (ghostly !== undefined) broken("I6", `${idOf(ghostly)} was counted with state that had been removed`);
  if (guarantee === "exactly-once" && violations.length === 0) {
    const message = stateBroken(shown, wanted, model.isOrdered);
    if (message !== undefined) broken("I6", message);
  }
  if (guarantee === "at-least-once" && missing.length === 0 && model.isWhole) {
    const message = stateLost(shown, wanted);
    if (message !== undefined) broken("I6", message);
  }
  return violations;
}

/** I3: within a key and a lane numbers grow. */
function orderBroken(shown: readonly SwarmItem[]): string | undefined {
  const last = new Map<string, number>();
  for (const { key, lane, seq } of shown) {
    const place = `${key} ${lane}`;
    const before = last.get(place) ?? -1;
    if (seq <= before) return `${seq} follows ${before} of key ${key} in lane "${lane}"`;
    last.set(place, seq);
  }
  return undefined;
}

/** I6: every stateful operator has counted each item, once; in order, where items arrive in order. */
function stateBroken(
  shown: readonly SwarmItem[],
  wanted: ReadonlyMap<string, SwarmItem>,
  isOrdered: boolean,
): string | undefined {
  const seen = new Set<string>();
  for (const item of shown) {
    const counts = wanted.get(idOf(item))?.counts ?? [];
    if (isOrdered && counts.join() !== item.counts.join()) {
      return `${idOf(item)} was counted as ${item.counts.join()}, not ${counts.join()}`;
    }
    for (const [index, count] of item.counts.entries()) {
      const place = `${index} ${item.key} ${item.lane} ${count}`;
      if (seen.has(place))
        return `operator ${index} has counted ${count} twice, of key ${item.key} in lane "${item.lane}"`;
      seen.add(place);
    }
  }
  return undefined;
}

/** I6: no stateful operator has forgotten an item that it has counted: the highest count is that of all items. */
function stateLost(shown: readonly SwarmItem[], wanted: ReadonlyMap<string, SwarmItem>): string | undefined {
  const highest = (items: Iterable<SwarmItem>): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { key, lane, counts: own } of items) {
      for (const [index, count] of own.entries()) {
        const place = `${index} ${key} ${lane}`;
        counts.set(place, Math.max(counts.get(place) ?? 0, count));
      }
    }
    return counts;
  };
  const reached = highest(shown);
  for (const [place, count] of highest(wanted.values())) {
    if ((reached.get(place) ?? 0) < count) return `${place} was counted to ${reached.get(place) ?? 0} of ${count}`;
  }
  return undefined;
}

const shownMax = 5;

function some(ids: readonly string[]): string {
  return `${ids.length}: ${ids.slice(0, shownMax).join(" ")}`;
}
