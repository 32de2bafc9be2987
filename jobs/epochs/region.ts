/**
 * Region: the chain instances that start over together when some fail. Exactly-once: those that fail and everything
 * downstream of them, so that nothing outside has seen what they did since the checkpoint (P1). Otherwise only those.
 */

import { mutated } from "../../runtime/index.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import type { Guarantee } from "./guarantee.ts";

/** Keys of the chain instances that start over when `failed` do. */
export function regionOf(plan: JobPlan, failed: Iterable<string>, guarantee: Guarantee): ReadonlySet<string> {
  const region = new Set(failed);
  if (guarantee !== "exactly-once" || mutated("region.failed-only")) return region;
  // A set is iterated in the order of insertion, what is added meanwhile included.
  for (const cell of region) {
    for (const { fromChain, fromInstance, toChain, toInstance } of plan.channels) {
      if (cellKey(fromChain, fromInstance) === cell) region.add(cellKey(toChain, toInstance));
    }
  }
  return region;
}
