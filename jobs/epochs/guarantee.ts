/** Guarantee: what a run promises about events when something fails. */

import { OptionError } from "../../runtime/index.ts";

/**
 * - `at-most-once`: no event is applied twice; what is in flight at a fault may be lost
 * - `at-least-once`: every event is applied; after a fault some are applied again
 * - `exactly-once`: state and collected results are as if nothing had failed
 */
export type Guarantee = "at-most-once" | "at-least-once" | "exactly-once";

export const guarantees: readonly Guarantee[] = ["at-most-once", "at-least-once", "exactly-once"];

/** @throws ERR_RT_OPTION when it is none */
export function checkGuarantee(value: unknown): Guarantee {
  const found = guarantees.find((guarantee) => guarantee === value);
  if (found !== undefined) return found;
  throw new OptionError("guarantee", value, guarantees.map((guarantee) => `"${guarantee}"`).join(", "));
}
