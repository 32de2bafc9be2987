/** Trigger: when a window tells what it holds, other than at its end. */

import { checkNames, type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import { triggerEventsMax } from "../limits.ts";
import { checkTimeDomain, type TimeDomain } from "../time/time-domain.ts";

export type Trigger = EventsTrigger | IntervalTrigger | EndTrigger;

/** After each `count` events of a key. */
export interface EventsTrigger {
  readonly kind: "events";
  readonly count: number;
}

/** Each time that a multiple of `intervalMs` is passed; several that are passed at once count as one. */
export interface IntervalTrigger {
  readonly kind: "interval";
  readonly intervalMs: number;
  /** Which time; without it that of the window. */
  readonly time: TimeDomain | undefined;
}

/** When the stream has ended. */
export interface EndTrigger {
  readonly kind: "end";
}

export interface IntervalOptions {
  /** Default: that of the window. */
  readonly time?: TimeDomain;
}

/**
 * After each so many events of a key (a number), or in intervals of time (a text such as "1s").
 *
 * @throws ERR_RT_OPTION
 */
export function every(step: number): EventsTrigger;
export function every(step: Exclude<Duration, number>, options?: IntervalOptions): IntervalTrigger;
export function every(step: Duration, options: IntervalOptions = {}): EventsTrigger | IntervalTrigger {
  if (typeof step === "number") checkNames<object>("every", options, {});
  else checkNames("every", options, { time: true });
  const { time } = options;
  if (typeof step === "number") return { kind: "events", count: wholeNumber("every", step, 1, triggerEventsMax) };
  if (time !== undefined) checkTimeDomain("every: time", time);
  return { kind: "interval", intervalMs: wholeMs(step, "every"), time };
}

/** When the stream has ended. */
export function atEnd(): EndTrigger {
  return { kind: "end" };
}

/** @throws ERR_RT_OPTION for what is no trigger */
export function checkTrigger(what: string, trigger: unknown): void {
  const kind = typeof trigger === "object" && trigger !== null ? (trigger as Trigger).kind : undefined;
  if (kind === "events" || kind === "interval" || kind === "end") return;
  throw new OptionError(what, trigger, 'a trigger: every(100), every("1s") or atEnd()');
}

/**
 * A duration of whole milliseconds, at least one.
 *
 * @throws ERR_RT_OPTION
 */
export function wholeMs(duration: Duration, path: string): number {
  const ms = durationMs(duration, path);
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw new OptionError(path, duration, "a duration of whole milliseconds, at least one");
}
