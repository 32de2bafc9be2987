/** ContenderEntry: who takes part in a workload, without loading what it is made of. */

import type { Contender } from "./contender.ts";
import type { WorkloadId } from "./workloads.ts";

/**
 * reference: what ratios are relative to; limit: not a system, but what the hardware allows; peer: a rival; variant:
 * millrace beside millrace, under another guarantee or load.
 */
export type Role = "reference" | "limit" | "peer" | "millrace" | "variant";

export interface ContenderEntry {
  readonly workload: WorkloadId;
  readonly name: string;
  readonly role: Role;
  /** What it is made of, in a few words for the table. */
  readonly form: string;
  readonly load: () => Promise<Contender>;
  /** Why it cannot take part on this machine, or undefined when it can. Without it, it always can. */
  readonly missing?: () => string | undefined | Promise<string | undefined>;
  /** One in so many of a round's units is what it gets: it is that much slower than the others. Default 1. */
  readonly slowness?: number;
  /** Whether it runs only where `--large` is given: it takes much memory. */
  readonly large?: boolean;
}

export function entry(
  workload: WorkloadId,
  name: string,
  role: Role,
  form: string,
  load: () => Promise<Contender>,
  options: Pick<ContenderEntry, "missing" | "slowness" | "large"> = {},
): ContenderEntry {
  return { workload, name, role, form, load, ...options };
}
