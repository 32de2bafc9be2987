/** WindowAssigner: which windows an event is in. What a job author writes down; checked here, carried out elsewhere. */

import { checkNames, type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import { triggerEventsMax, windowPanesMax } from "../limits.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { type AlignedWindows, floorMod, paneMs } from "./aligned-windows.ts";
import { type CalendarUnit, CalendarWindows } from "./calendar-windows.ts";
import { checkTrigger, type Trigger, wholeMs } from "./trigger.ts";

/** `E` is what the events are. */
export type WindowAssigner<E = unknown> =
  | AlignedAssigner
  | CalendarAssigner
  | SessionAssigner<E>
  | CountingAssigner
  | GlobalAssigner;

export interface AlignedAssigner extends AlignedWindows {
  readonly kind: "tumbling" | "sliding";
}

export interface CalendarAssigner {
  readonly kind: "calendar";
  readonly unit: CalendarUnit;
  readonly timeZone: string;
}

export interface SessionAssigner<E = unknown> {
  readonly kind: "session";
  /** In ms, or what gives it for an event. */
  readonly gap: number | ((event: E) => Duration);
  /** Whether windows that touch become one, too, and not only those that overlap. */
  readonly mergesTouching: boolean;
}

export interface CountingAssigner {
  readonly kind: "counting";
  readonly count: number;
}

export interface GlobalAssigner {
  readonly kind: "global";
  readonly trigger: Trigger;
}

export interface OffsetOptions {
  /** How far behind multiples of the size (of the slide) windows begin; may be negative. Default 0: at multiples, in UTC. */
  readonly offset?: Duration;
}

/**
 * Windows of one size, one behind the other.
 *
 * @throws ERR_RT_OPTION
 */
export function tumbling(size: Duration, options: OffsetOptions = {}): AlignedAssigner {
  checkNames("tumbling", options, { offset: true });
  const { offset = 0 } = options;
  const sizeMs = wholeMs(size, "tumbling: size");
  return { kind: "tumbling", sizeMs, slideMs: sizeMs, offsetMs: offsetMs(offset, sizeMs, "tumbling: offset") };
}

/**
 * Windows of one size that begin every `slide`. With a slide larger than the size there are gaps: events in them are in no window, and
 * are left out. Windows that overlap share panes of the greatest common divisor of size and slide; any slide will do whose panes are
 * no more than `windowPanesMax` per window.
 *
 * @throws ERR_RT_OPTION
 */
export function sliding(size: Duration, slide: Duration, options: OffsetOptions = {}): AlignedAssigner {
  checkNames("sliding", options, { offset: true });
  const { offset = 0 } = options;
  const sizeMs = wholeMs(size, "sliding: size");
  const slideMs = wholeMs(slide, "sliding: slide");
  const windows = { sizeMs, slideMs, offsetMs: offsetMs(offset, slideMs, "sliding: offset") };
  if (slideMs < sizeMs && sizeMs / paneMs(windows) > windowPanesMax) {
    const most = `a slide whose greatest common divisor with the size of ${sizeMs} ms is at least ${Math.ceil(sizeMs / windowPanesMax)} ms`;
    throw new OptionError("sliding: slide", slide, most);
  }
  return { kind: "sliding", ...windows };
}

export interface SessionOptions {
  /** "merge": an event exactly one gap behind the last one belongs to its session. Default "apart": it starts a new one. */
  readonly touching?: "apart" | "merge";
}

/**
 * Windows of activity: they end when no event has come for the gap. A function gives the gap of each event; what it returns otherwise
 * than a duration fails the event with ERR_RT_OPTION.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function session<E>(gap: Duration | ((event: E) => Duration), options: SessionOptions = {}): SessionAssigner<E> {
  checkNames("session", options, { touching: true });
  const { touching = "apart" } = options;
  if (touching !== "apart" && touching !== "merge") {
    throw new OptionError("session: touching", touching, '"apart" or "merge"');
  }
  if (typeof gap === "function") checkPlainFunction("session: gap", gap);
  const checked = typeof gap === "function" ? gap : wholeMs(gap, "session: gap");
  return { kind: "session", gap: checked, mergesTouching: touching === "merge" };
}

/**
 * Windows of `count` events of a key each; the last one has fewer when the stream ends.
 *
 * @throws ERR_RT_OPTION
 */
export function counting(count: number): CountingAssigner {
  return { kind: "counting", count: wholeNumber("counting", count, 1, triggerEventsMax) };
}

/**
 * One window of all events of a key, without an end: its results come when the trigger says so, and at the end of the stream.
 *
 * @throws ERR_RT_OPTION
 */
export function global(trigger: Trigger): GlobalAssigner {
  checkTrigger("global", trigger);
  return { kind: "global", trigger };
}

/**
 * The days, weeks (from Monday) or months of a time zone, longer or shorter where its clocks are changed.
 *
 * @throws ERR_RT_OPTION for a unit or a time zone that does not exist
 */
export function calendar(unit: CalendarUnit, timeZone: string): CalendarAssigner {
  new CalendarWindows(unit, timeZone);
  return { kind: "calendar", unit, timeZone };
}

/**
 * What an assigner does, in words: with it goes what is stored of its windows.
 *
 * @throws ERR_RT_OPTION for what is no assigner
 */
export function assignerText(assigner: WindowAssigner<never>): string {
  switch (assigner?.kind) {
    case "tumbling":
      return `tumbling(${assigner.sizeMs} ms, offset ${assigner.offsetMs} ms)`;
    case "sliding":
      return `sliding(${assigner.sizeMs} ms, ${assigner.slideMs} ms, offset ${assigner.offsetMs} ms)`;
    case "calendar":
      return `calendar(${assigner.unit}, ${assigner.timeZone})`;
    case "session":
      return "session";
    case "counting":
      return "counting";
    case "global":
      return "global";
    default:
      throw new OptionError("window", assigner, 'windows such as tumbling("1m"), sliding("1h", "1s") or session("5m")');
  }
}

/** Below one slide, from 0: offsets that differ by slides are the same. */
function offsetMs(offset: Duration, slideMs: number, path: string): number {
  const ms = typeof offset === "number" ? offset : durationMs(offset, path);
  if (Number.isSafeInteger(ms)) return floorMod(ms, slideMs);
  throw new OptionError(path, offset, "a duration of whole milliseconds");
}
