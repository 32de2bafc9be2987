/** PoisonRule: whether an event is poison. The same event always is, or never is, whichever incarnation it comes to. */

import { encode } from "../../runtime/index.ts";
import type { PoisonRule } from "./fault-action.ts";

export function isPoison(rule: PoisonRule, event: unknown): boolean {
  switch (rule.kind) {
    case "test":
      return rule.test(event);
    case "equals":
      return Buffer.compare(encode(event, "an event"), encode(rule.value, "poison: equals")) === 0;
    case "one-in":
      return hashOf(event) % rule.count === 0;
  }
}

/** FNV-1a, 32 bits, of what the event says as plain data, mixed as MurmurHash3 does at its end, so that every bit counts. */
function hashOf(event: unknown): number {
  let hash = 0x811c9dc5;
  for (const byte of encode(event, "an event")) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
