/** Durations as users write them: a number of milliseconds, or `"250ms" | "10s" | "5m" | "2h" | "1d"`. */

import { OptionError } from "./errors/option-error.ts";

type Unit = "ms" | "s" | "m" | "h" | "d";
export type Duration = number | `${number}${Unit}`;

const unitMs: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Milliseconds of `value`.
 *
 * @param path names the option in the error
 * @throws ERR_RT_OPTION when it is no duration, negative, or not finite
 */
export function durationMs(value: Duration, path: string): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  const match = typeof value === "string" ? pattern.exec(value) : null;
  if (match === null) throw new OptionError(path, value, 'a duration such as "200ms", "10s", "5m", "2h", "1d" or 200');
  return Number(match[1]) * unitMs[match[2] as Unit];
}
