/**
 * drainedModel: what the sinks of a run that was drained under exactly-once hold: how far each source instance has come is read from
 * what they show, and everything up to there has to be shown by all of them.
 */

import type { ModelFlow } from "./swarm-model.ts";
import type { SwarmItem } from "./swarm-plan.ts";
import { SwarmReach } from "./swarm-reach.ts";

/**
 * @param model of the whole run, by sink
 * @param shown what the sinks hold
 */
export function drainedModel(
  model: ReadonlyMap<string, ModelFlow>,
  shown: ReadonlyMap<string, readonly SwarmItem[]>,
): ReadonlyMap<string, ModelFlow> {
  const reach = new SwarmReach();
  for (const items of shown.values()) for (const item of items) reach.note(item);
  return new Map(
    [...model].map(([sink, flow]) => [sink, { ...flow, items: flow.items.filter((item) => reach.has(item)) }]),
  );
}
