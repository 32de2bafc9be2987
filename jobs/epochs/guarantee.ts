/** The guarantees that a run can be submitted with. */

import type { Guarantee } from "../../actors/index.ts";
import { OptionError } from "../../runtime/index.ts";

export type { Guarantee } from "../../actors/index.ts";

export const guarantees: readonly Guarantee[] = ["at-most-once", "at-least-once", "exactly-once"];

/** @throws ERR_RT_OPTION when it is none */
export function checkGuarantee(value: unknown): Guarantee {
  const found = guarantees.find((guarantee) => guarantee === value);
  if (found !== undefined) return found;
  throw new OptionError("guarantee", value, guarantees.map((guarantee) => `"${guarantee}"`).join(", "));
}
