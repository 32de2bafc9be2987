/**
 * Calendar windows: days, weeks (from Monday) and months of a time zone. They begin at the first moment of their first day, so
 * that a day has 23 or 25 hours when the clocks are changed, and some begin at one in the morning.
 *
 * Time zones are those of `Intl`. A local midnight is looked for among the offsets of a day before and a day behind it: one that
 * comes twice is the first of the two, one that is skipped the moment of the change.
 *
 * Invariants
 *  C1  every time is in exactly one window; the end of a window is the start of the next.
 */

import { OptionError } from "../../runtime/index.ts";
import { floorMod, type Window } from "./aligned-windows.ts";

export type CalendarUnit = "day" | "week" | "month";

export class CalendarWindows {
  readonly #unit: CalendarUnit;
  readonly #format: Intl.DateTimeFormat;
  /** Of the time asked for last: times of one stream are near to each other. */
  #known: Window = { start: 0, end: 0 };

  /** @throws ERR_RT_OPTION for a unit or a time zone that does not exist */
  constructor(unit: CalendarUnit, timeZone: string) {
    if (!["day", "week", "month"].includes(unit)) {
      throw new OptionError("calendar: unit", unit, '"day", "week" or "month"');
    }
    this.#unit = unit;
    this.#format = formatOf(timeZone);
  }

  /** The window that a time is in. */
  at(time: number): Window {
    if (time >= this.#known.start && time < this.#known.end) return this.#known;
    let first = this.#firstDay(this.#localAt(time).date);
    let start = this.#startOf(first);
    let end = this.#startOf(this.#nextFirstDay(first));
    // Where clocks go back over midnight, the date of the day before comes again behind the start of the next.
    while (time >= end) {
      first = this.#nextFirstDay(first);
      start = end;
      end = this.#startOf(this.#nextFirstDay(first));
    }
    this.#known = { start, end };
    return this.#known;
  }

  /** Of the unit that a date is in. Dates are their midnights in UTC. */
  #firstDay(date: number): number {
    if (this.#unit === "week") return date - floorMod(date - firstMonday, weekMs);
    const day = new Date(date);
    return this.#unit === "day" ? date : day.setUTCDate(1);
  }

  #nextFirstDay(first: number): number {
    if (this.#unit === "month") return new Date(first).setUTCMonth(new Date(first).getUTCMonth() + 1);
    return first + (this.#unit === "week" ? weekMs : dayMs);
  }

  /** The first moment of a date in the time zone. */
  #startOf(date: number): number {
    const [before, behind] = [this.#offsetAt(date - dayMs), this.#offsetAt(date + dayMs)];
    const found = [date - before, date - behind].filter((time) => time + this.#offsetAt(time) === date);
    if (found.length > 0) return Math.min(...found);
    return this.#changeBetween(date - Math.max(before, behind), date - Math.min(before, behind));
  }

  /** When the offset of `from` ends; it has another one at `to`. */
  #changeBetween(from: number, to: number): number {
    const offset = this.#offsetAt(from - 1);
    let [low, high] = [from - 1, to];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }

  /** How far local time is ahead of UTC, in ms. */
  #offsetAt(time: number): number {
    const { date, ofDayMs } = this.#localAt(time);
    return date + ofDayMs - (time - floorMod(time, 1_000));
  }

  #localAt(time: number): LocalTime {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#format.formatToParts(time)) parts[type] = value;
    const year = Number(parts.year);
    return {
      date: new Date(0).setUTCFullYear(
        parts.era === "BC" ? 1 - year : year,
        Number(parts.month) - 1,
        Number(parts.day),
      ),
      ofDayMs: ((Number(parts.hour) * 60 + Number(parts.minute)) * 60 + Number(parts.second)) * 1_000,
    };
  }
}

interface LocalTime {
  /** Its midnight in UTC. */
  readonly date: number;
  /** In whole seconds. */
  readonly ofDayMs: number;
}

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
/** 5 January 1970. */
const firstMonday = 4 * dayMs;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = "numeric";
  try {
    if (typeof timeZone !== "string") throw new TypeError("no name of a time zone");
    return new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      ...{ timeZone, hourCycle: "h23", era: "short" },
      ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    });
  } catch {
    throw new OptionError("calendar: timeZone", timeZone, 'the name of a time zone, such as "Europe/Berlin" or "UTC"');
  }
}
