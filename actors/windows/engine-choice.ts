/** engineFor: how windows are kept, by what they are and what is asked of them. */

import { type AlignedWindows, lastStart, type Window } from "./aligned-windows.ts";
import { CalendarWindows } from "./calendar-windows.ts";
import { GlobalWindows } from "./global-windows.ts";
import { PanedWindows } from "./paned-windows.ts";
import { SessionWindows } from "./session-windows.ts";
import { SingleWindows, type WindowsOf } from "./single-windows.ts";
import { every } from "./trigger.ts";
import type { EngineSettings, WindowEngine } from "./window-engine.ts";
import type { WindowSettings } from "./window-options.ts";

export function engineFor(settings: EngineSettings & WindowSettings): WindowEngine {
  const { assigner } = settings;
  switch (assigner.kind) {
    case "tumbling":
    case "sliding":
      if (settings.inPanes) return new PanedWindows(settings, assigner);
      return new SingleWindows(settings, alignedAt(assigner), assigner.slideMs < assigner.sizeMs);
    case "calendar":
      return new SingleWindows(settings, calendarAt(new CalendarWindows(assigner.unit, assigner.timeZone)), false);
    case "session":
      return new SessionWindows(settings, assigner);
    case "counting":
      return new GlobalWindows(settings, every(assigner.count), { isCounting: true, byClock: settings.byClock });
    case "global":
      return new GlobalWindows(settings, assigner.trigger, { isCounting: false, byClock: settings.byClock });
  }
}

function alignedAt(windows: AlignedWindows): WindowsOf {
  const { sizeMs, slideMs } = windows;
  return {
    at: (time) => {
      const found: Window[] = [];
      for (let start = lastStart(time, windows); start > time - sizeMs; start -= slideMs) {
        found.push({ start, end: start + sizeMs });
      }
      return found;
    },
  };
}

function calendarAt(windows: CalendarWindows): WindowsOf {
  return { at: (time) => [windows.at(time)] };
}
