/**
 * drainedModel: what the sinks of a run that was drained under exactly-once hold: how far each source instance has come is read from
 * what they show, and everything up to there has to be shown by all of them.
 */

import type { ModelFlow } from "./swarm-model.ts";
import type { SwarmItem } from "./swarm-plan.ts";
import { instanceOf } from "./swarm-reach.ts";

/**
 * @param model of the whole run, by sink
 * @param shown what the sinks hold
 */
export function drainedModel(
  model: ReadonlyMap<string, ModelFlow>,
  shown: ReadonlyMap<string, readonly SwarmItem[]>,
): ReadonlyMap<string, ModelFlow> {
  const last = new Map<string, number>();
  for (const item of [...shown.values()].flat()) {
    const instance = instanceOf(item);
    if (item.seq > (last.get(instance) ?? -1)) last.set(instance, item.seq);
  }
  const isShown = (item: SwarmItem): boolean => item.seq <= (last.get(instanceOf(item)) ?? -1);
  return new Map([...model].map(([sink, flow]) => [sink, { ...flow, items: flow.items.filter(isShown) }]));
}
