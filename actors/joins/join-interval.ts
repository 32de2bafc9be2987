/**
 * JoinInterval: how much earlier or later than a left event a right one may be to be its partner. Event times are whole
 * milliseconds, so a bound that is excluded is the one beside it.
 */

import { checkNames, type Duration, durationMs, MillraceError, OptionError, printValue } from "../../runtime/index.ts";
import type { JoinType } from "./join-type.ts";

/** `left.time + lower <= right.time <= left.time + upper`. */
export interface JoinIntervalOptions {
  /** A duration, `"-5s"` for one before the left event, or -Infinity. */
  readonly lower: Duration;
  /** A duration, `"-5s"` for one before the left event, or Infinity. */
  readonly upper: Duration;
  /** Whether `lower` itself is outside. Default false. */
  readonly excludeLower?: boolean;
  /** Whether `upper` itself is outside. Default false. */
  readonly excludeUpper?: boolean;
}

/** Both ends are inside. */
export interface JoinInterval {
  readonly lowerMs: number;
  readonly upperMs: number;
}

/** An interval in which no event can be, or one without an end where a result waits for the end. */
export class JoinIntervalError extends MillraceError {
  readonly code = "ERR_ACT_JOIN_INTERVAL";
}

/** @throws ERR_RT_OPTION for a bound that is none, ERR_ACT_JOIN_INTERVAL */
export function joinInterval(options: JoinIntervalOptions, type: JoinType): JoinInterval {
  checkNames("intervalJoin", options, { lower: true, upper: true, excludeLower: true, excludeUpper: true });
  const lowerMs = boundMs("intervalJoin: lower", options.lower) + step("excludeLower", options.excludeLower);
  const upperMs = boundMs("intervalJoin: upper", options.upper) - step("excludeUpper", options.excludeUpper);
  const details = { lower: String(options.lower), upper: String(options.upper), type };
  const given = `from ${printValue(options.lower)} to ${printValue(options.upper)}`;
  if (lowerMs > upperMs || lowerMs === Number.POSITIVE_INFINITY || upperMs === Number.NEGATIVE_INFINITY) {
    throw new JoinIntervalError(
      `intervalJoin: nothing lies in the interval ${given}; the lower bound is to be before the upper one`,
      { details },
    );
  }
  if (type !== "inner" && upperMs - lowerMs === Number.POSITIVE_INFINITY) {
    throw new JoinIntervalError(
      `intervalJoin: the interval ${given} has no end, so a join of type "${type}" would never know that an event has no partner; ` +
        "give it two bounds, or make it an inner join",
      { details },
    );
  }
  return { lowerMs, upperMs };
}

function boundMs(path: string, bound: Duration): number {
  if (bound === Number.POSITIVE_INFINITY || bound === Number.NEGATIVE_INFINITY) return bound;
  const isNegative = typeof bound === "number" ? bound < 0 : String(bound).startsWith("-");
  const size = typeof bound === "number" ? Math.abs(bound) : String(bound).replace(/^-/, "");
  const ms = durationMs(size as Duration, path);
  if (!Number.isSafeInteger(ms)) throw new OptionError(path, bound, "a whole number of ms");
  return isNegative ? -ms : ms;
}

function step(name: string, isExcluded: unknown = false): number {
  if (typeof isExcluded !== "boolean") throw new OptionError(`intervalJoin: ${name}`, isExcluded, "true or false");
  return isExcluded ? 1 : 0;
}
