/**
 * PreAggregatedWindows: which windows can be given accumulators of many events in the place of these, and which events may go together.
 *
 * An accumulator is of one key and of one pane, so that all its events are in the same windows, and all are late or none is. That leaves
 * out windows whose results say where single events came: each event that comes behind the end makes one (`allowedLateness`), they are
 * counted (`counting`, `every(100)`), or a window is as long as they come (`session`); and those of `global`, which
 * have the time of an event.
 */

import { isMergedExactly } from "../aggregates/aggregate-record.ts";
import type { Panes, PreAggregation } from "../groupings/pre-aggregation.ts";
import type { OperatorSpec } from "../operator.ts";
import { type AlignedWindows, lastStart, paneMs } from "./aligned-windows.ts";
import { CalendarWindows } from "./calendar-windows.ts";
import type { WindowSettings } from "./window-options.ts";

/** @param isWanted by the author; undefined by default */
export function preAggregatedWindows(
  settings: WindowSettings,
  isWanted: boolean | undefined,
): Pick<OperatorSpec, "preAggregation"> {
  const { aggregate, allowedLatenessMs, early } = settings;
  if (isWanted === false || allowedLatenessMs > 0 || early?.kind === "events") return {};
  if (!isMergedExactly(aggregate)) return {};
  const preAggregation = preAggregationOf(settings);
  return preAggregation === undefined ? {} : { preAggregation };
}

function preAggregationOf({ aggregate, assigner, byClock }: WindowSettings): PreAggregation | undefined {
  switch (assigner.kind) {
    case "tumbling":
    case "sliding":
      // By the clock what comes at once is in one pane, whenever it happened.
      return { aggregate, panes: byClock ? undefined : () => alignedPanes(assigner), isToldAtEnd: false };
    case "calendar":
      return {
        aggregate,
        panes: byClock ? undefined : () => new CalendarWindows(assigner.unit, assigner.timeZone),
        isToldAtEnd: false,
      };
    default:
      return undefined;
  }
}

function alignedPanes(windows: AlignedWindows): Panes {
  const sizeMs = paneMs(windows);
  const panes = { sizeMs, slideMs: sizeMs, offsetMs: windows.offsetMs };
  return {
    at: (time) => {
      const start = lastStart(time, panes);
      return { start, end: start + sizeMs };
    },
  };
}
