import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { count } from "../aggregates/totals.ts";
import { windowPanesMax } from "../limits.ts";
import { type AlignedWindows, firstStart, floorMod, lastStart, paneMs } from "./aligned-windows.ts";
import { CalendarWindows } from "./calendar-windows.ts";
import { atEnd, every } from "./trigger.ts";
import { calendar, counting, global, session, sliding, tumbling } from "./window-assigner.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowOptions } from "./window-options.ts";

describe("aligned windows", () => {
  const windows: fc.Arbitrary<AlignedWindows> = fc.record({
    sizeMs: fc.integer({ min: 1, max: 100 }),
    slideMs: fc.integer({ min: 1, max: 100 }),
    offsetMs: fc.integer({ min: 0, max: 99 }),
  });
  const time = fc.integer({ min: -1_000, max: 1_000 });

  test("first and last are those that contain a time, or the next ones where none does, also before 1970", () => {
    fc.assert(
      fc.property(windows, time, (windows, time) => {
        const { sizeMs, slideMs, offsetMs } = windows;
        const all = Array.from({ length: 5_000 }, (_, index) => offsetMs + (index - 2_500) * slideMs);
        const containing = all.filter((start) => start <= time && time < start + sizeMs);

        const [first, last] = [firstStart(time, windows), lastStart(time, windows)];

        expect(first).toBe(all.find((start) => start + sizeMs > time));
        expect(last).toBe(all.findLast((start) => start <= time));
        expect(containing).toEqual(all.filter((start) => start >= first && start <= last));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test("every start and every end is one of a pane", () => {
    fc.assert(
      fc.property(windows, (windows) => {
        const pane = paneMs(windows);
        expect([windows.sizeMs % pane, windows.slideMs % pane]).toEqual([0, 0]);
      }),
    );
    expect(paneMs({ sizeMs: 3_600_000, slideMs: 1_000, offsetMs: 0 })).toBe(1_000);
    expect(floorMod(-1, 10)).toBe(9);
  });
});

describe("calendar windows", () => {
  const hours = ({ start, end }: { start: number; end: number }) => (end - start) / 3_600_000;
  const at = (unit: "day" | "week" | "month", zone: string, time: string) => {
    const { start, end } = new CalendarWindows(unit, zone).at(Date.parse(time));
    return [new Date(start).toISOString().slice(0, 16), new Date(end).toISOString().slice(0, 16)];
  };

  test.each([
    ["clocks go forward", "day", "Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00", "2026-03-29T22:00"],
    ["clocks go back", "day", "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00", "2026-10-25T23:00"],
    ["midnight is skipped", "day", "America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00", "2018-11-05T02:00"],
    ["midnight comes twice", "day", "America/Havana", "2025-11-02T12:00Z", "2025-11-02T04:00", "2025-11-03T05:00"],
    ["a date is left out", "day", "Pacific/Apia", "2011-12-30T09:00Z", "2011-12-29T10:00", "2011-12-30T10:00"],
    ["the next date is there", "day", "Pacific/Apia", "2011-12-30T11:00Z", "2011-12-30T10:00", "2011-12-31T10:00"],
    ["half an hour", "day", "Australia/Lord_Howe", "2026-04-05T00:00Z", "2026-04-04T13:00", "2026-04-05T13:30"],
    ["no change", "day", "UTC", "2026-02-28T23:59Z", "2026-02-28T00:00", "2026-03-01T00:00"],
    ["a week from Monday", "week", "Europe/Berlin", "2026-03-29T12:00Z", "2026-03-22T23:00", "2026-03-29T22:00"],
    ["a month", "month", "America/New_York", "2026-11-15T12:00Z", "2026-11-01T04:00", "2026-12-01T05:00"],
    ["the last month of a year", "month", "Asia/Kolkata", "2025-12-31T20:00Z", "2025-12-31T18:30", "2026-01-31T18:30"],
    ["before 1970", "month", "UTC", "1969-02-10T00:00Z", "1969-02-01T00:00", "1969-03-01T00:00"],
  ] as const)("%s: %s in %s", (_, unit, zone, time, start, end) => {
    expect(at(unit, zone, time)).toEqual([start, end]);
  });

  test("a time is in exactly one, and the end of one is the start of the next", () => {
    const zones = [
      "Europe/Berlin",
      "America/St_Johns",
      "Africa/Casablanca",
      "America/Havana",
      "Asia/Gaza",
      "Pacific/Apia",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom("day", "week", "month"),
        fc.integer({ min: Date.UTC(1985, 0), max: Date.UTC(2030, 0) }),
        (zone, unit, time) => {
          const windows = new CalendarWindows(unit as "day", zone);
          const own = windows.at(time);
          expect(own.start).toBeLessThanOrEqual(time);
          expect(own.end).toBeGreaterThan(time);
          expect(new CalendarWindows(unit as "day", zone).at(own.end).start).toBe(own.end);
          expect(new CalendarWindows(unit as "day", zone).at(own.end - 1)).toEqual(own);
          if (unit === "day") expect(hours(own)).toBeGreaterThan(20);
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  test("where clocks go back over midnight, the time that comes twice is in the later day", () => {
    const windows = new CalendarWindows("day", "America/St_Johns");
    const back = Date.parse("2010-11-07T02:31:00Z");

    expect(windows.at(back - 90_000).end).toBe(windows.at(back).start);
    expect(windows.at(back + 60_000)).toEqual(windows.at(back));
  });
});

describe("refused when the job is built", () => {
  const option = expect.objectContaining({ code: "ERR_RT_OPTION" });

  test.each<[string, () => unknown]>([
    ["a size of 0", () => tumbling(0)],
    ["a negative size", () => tumbling(-1)],
    ["a size that is no number", () => tumbling(Number.NaN)],
    ["a size of half a millisecond", () => tumbling(0.5)],
    ["a size that is no duration", () => tumbling("1 week" as never)],
    ["an offset that is no number", () => tumbling("1m", { offset: Number.NaN })],
    ["a slide of 0", () => sliding("1m", 0)],
    ["more panes than allowed", () => sliding(2 * windowPanesMax + 1, 2)],
    ["a gap of 0", () => session(0)],
    ["a gap that is no number", () => session(Number.POSITIVE_INFINITY)],
    ["another rule for touching", () => session("1m", { touching: "always" as never })],
    ["windows of 0 events", () => counting(0)],
    ["windows of 1.5 events", () => counting(1.5)],
    ["a trigger that is none", () => global("often" as never)],
    ["a time zone that does not exist", () => calendar("day", "Mars/Olympus")],
    ["a time zone that is missing", () => calendar("day", undefined as never)],
    ["a unit that does not exist", () => calendar("decade" as never, "UTC")],
    ["every 0 events", () => every(0)],
    ["an interval of 0", () => every("0s")],
    ["an interval by another time", () => every("1s", { time: "local" as never })],
    ["windows that are none", () => windowOperator(undefined as never, count())],
    ["an aggregate that is none", () => windowOperator(tumbling("1m"), { create: () => 0 } as never)],
  ])("%s", (_, build) => {
    expect(build).toThrow(option);
  });

  const tumblingWith = (options: object) => () => windowOperator(tumbling("1m"), count(), options as WindowOptions);
  const globalWith = (options: object) => () => windowOperator(global(atEnd()), count(), options as WindowOptions);
  const { merge: _, ...cannotMerge } = count();

  test.each<[string, () => unknown]>([
    ["a negative lateness", tumblingWith({ allowedLateness: -1 })],
    ["lateness by the clock", tumblingWith({ allowedLateness: "1s", time: "processing" })],
    ["another time", tumblingWith({ time: "local" })],
    ["other panes", tumblingWith({ panes: "fresh" })],
    ["an early result at the end", tumblingWith({ early: atEnd() })],
    ["an early trigger that is none", tumblingWith({ early: "1s" })],
    ["a version of 0", tumblingWith({ version: 0 })],
    ["lateness without an end", globalWith({ allowedLateness: "1s" })],
    ["early results without an end", globalWith({ early: every(1) })],
    ["sessions that cannot merge", () => windowOperator(session("1m"), { ...cannotMerge, create: () => 0 } as never)],
    ["two times", () => windowOperator(global(every("1s", { time: "event" })), count(), { time: "processing" })],
  ])("%s", (_, build) => {
    expect(build).toThrow(option);
  });

  test("an async function for a gap", () => {
    expect(() => session((async () => 1) as never)).toThrow(
      expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }),
    );
  });
});

test("any slide will do whose panes are not too many", () => {
  expect(sliding("1h", "7s")).toMatchObject({ sizeMs: 3_600_000, slideMs: 7_000 });
  expect(sliding(10, 7)).toMatchObject({ sizeMs: 10, slideMs: 7 });
  expect(tumbling(10, { offset: -3 }).offsetMs).toBe(7);
});
