/**
 * JoinWindows: which windows the events of a join are in, and which of them is the next to be joined. Windows of fixed sizes follow from
 * the time of an event alone; sessions from all events of a key, of both sides.
 *
 * `passed` is how far event time has come: windows whose last moment is not behind it have been joined.
 */

import { OptionError } from "../../runtime/index.ts";
import { type AlignedWindows, firstStart, lastStart, type Window } from "../windows/aligned-windows.ts";
import { CalendarWindows } from "../windows/calendar-windows.ts";
import { wholeMs } from "../windows/trigger.ts";
import type { SessionAssigner, WindowAssigner } from "../windows/window-assigner.ts";
import type { JoinRow, JoinRows } from "./join-rows.ts";

/** The rows of a key on one side; undefined for none. */
type Rows = JoinRows | undefined;

export interface JoinWindows {
  /** Whether an event may be in a window that has been joined and in one that has not. */
  readonly overlap: boolean;
  /**
   * When the first window ends that an event is in and that has not been joined, as far as the event alone says; "late" when all have
   * been, "outside" when it is in none.
   *
   * @param left the rows of its key
   * @throws what the function of the author throws that says the gap of a session
   */
  endOf(event: unknown, time: number, passed: number, left: Rows, right: Rows): number | "late" | "outside";
  /** The first window that has rows and has not been joined. */
  first(left: Rows, right: Rows, passed: number): Window | undefined;
  /** Whether a row is in no window behind the one that was joined. */
  isOver(time: number, joined: Window): boolean;
}

/** @throws ERR_RT_OPTION for windows that have no end in event time */
export function joinWindows(assigner: WindowAssigner<never>): JoinWindows {
  switch (assigner?.kind) {
    case "tumbling":
    case "sliding": {
      const { sizeMs, slideMs } = assigner;
      if (slideMs !== sizeMs) {
        return fixedWindows((time, passed) => firstAligned(assigner, time, passed), slideMs < sizeMs);
      }
      return oneAfterTheOther((time) => {
        const start = lastStart(time, assigner);
        return { start, end: start + sizeMs };
      });
    }
    case "calendar": {
      const calendar = new CalendarWindows(assigner.unit, assigner.timeZone);
      return oneAfterTheOther((time) => calendar.at(time));
    }
    case "session":
      return sessions(assigner);
    default:
      throw new OptionError(
        "windowJoin: windows",
        assigner,
        "tumbling(...), sliding(...), session(...) or calendar(...)",
      );
  }
}

/** Windows without gaps, of which each time is in one. Most times are in that of the time before: it is looked for only otherwise. */
function oneAfterTheOther(windowAt: (time: number) => Window): JoinWindows {
  let last: Window = { start: Number.NaN, end: Number.NaN };
  const firstOpen = (time: number, passed: number): Window | undefined => {
    if (!(time >= last.start && time < last.end)) last = windowAt(time);
    return last.end - 1 > passed ? last : undefined;
  };
  return fixedWindows(firstOpen, false);
}

/** @param firstOpen the first window that a time is in and that ends behind what has passed */
function fixedWindows(firstOpen: (time: number, passed: number) => Window | undefined, overlap: boolean): JoinWindows {
  return {
    overlap,
    endOf: (_, time, passed) => {
      const end = firstOpen(time, passed)?.end;
      if (end !== undefined) return end;
      return firstOpen(time, Number.NEGATIVE_INFINITY) === undefined ? "outside" : "late";
    },
    first: (left, right, passed) => {
      const time = earliestOf(left, right);
      return time === Number.POSITIVE_INFINITY ? undefined : firstOpen(time, passed);
    },
    isOver: (time, { end }) => firstOpen(time, end - 1) === undefined,
  };
}

function firstAligned(windows: AlignedWindows, time: number, passed: number): Window | undefined {
  const first = firstStart(time, windows);
  const start = passed === Number.NEGATIVE_INFINITY ? first : Math.max(first, firstStart(passed + 1, windows));
  return start <= lastStart(time, windows) ? { start, end: start + windows.sizeMs } : undefined;
}

function sessions({ gap, mergesTouching }: SessionAssigner<never>): JoinWindows {
  const gapOf = (event: unknown): number => {
    if (typeof gap === "number") return gap;
    return wholeMs(gap(event as never), "windowJoin: gap of an event");
  };
  const meets = (time: number, end: number): boolean => time < end || (mergesTouching && time === end);
  return {
    overlap: false,
    // All rows are in sessions that have not been joined: an old event that meets one of them becomes a part of it.
    endOf: (event, time, passed, left, right) => {
      const end = time + gapOf(event);
      return end - 1 > passed || meets(earliestOf(left, right), end) ? end : "late";
    },
    first: (left, right) => {
      let window: { start: number; end: number } | undefined;
      for (const { time, value } of inOrder(left, right)) {
        window ??= { start: time, end: time };
        if (time > window.start && !meets(time, window.end)) break;
        window.end = Math.max(window.end, time + gapOf(value));
      }
      return window;
    },
    isOver: (time, { end }) => time < end,
  };
}

/** The time of the first row of both sides; Infinity for none. */
function earliestOf(left: Rows, right: Rows): number {
  return Math.min(left?.first?.time ?? Number.POSITIVE_INFINITY, right?.first?.time ?? Number.POSITIVE_INFINITY);
}

/** The rows of both sides, by their times. */
function* inOrder(left: Rows, right: Rows): Iterable<JoinRow> {
  let leftIndex = left?.indexFrom(Number.NEGATIVE_INFINITY) ?? 0;
  let rightIndex = right?.indexFrom(Number.NEGATIVE_INFINITY) ?? 0;
  for (;;) {
    const one = left?.at(leftIndex);
    const other = right?.at(rightIndex);
    if (one === undefined && other === undefined) return;
    if (other === undefined || (one !== undefined && one.time <= other.time)) {
      yield one as JoinRow;
      leftIndex += 1;
    } else {
      yield other;
      rightIndex += 1;
    }
  }
}
