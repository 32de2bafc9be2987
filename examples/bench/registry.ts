/**
 * All contenders by workload. Modules are loaded lazily: the bench itself needs the names only, and the process of one
 * contender must not load another's library.
 *
 * millrace takes part with role "millrace"; the report then shows ratios to the first entry of that role, too.
 */

import type { ContenderEntry } from "./contender-entry.ts";
import { betweenThreads } from "./entries/between-threads.ts";
import { millrace } from "./entries/millrace.ts";
import { oneThread } from "./entries/one-thread.ts";

export const registry: readonly ContenderEntry[] = [...oneThread, ...betweenThreads, ...millrace];

export function findEntry(workload: string, name: string): ContenderEntry {
  const found = registry.find((candidate) => candidate.workload === workload && candidate.name === name);
  if (found === undefined) throw new Error(`no contender "${name}" for workload "${workload}"`);
  return found;
}
