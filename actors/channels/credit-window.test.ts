import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { creditEventsDefault, creditFloorShare, creditMs, localCreditEventsMax } from "../limits.ts";
import { CreditWindow } from "./credit-window.ts";

const floor = creditEventsDefault / creditFloorShare;

/** A window after a receiver has consumed quarters of it, at so many events per ms. */
function windowAfter(reports: number, eventsPerMs: number, from = { window: remote(), nowMs: 0 }) {
  let { nowMs } = from;
  for (let report = 0; report < reports; report += 1) {
    const consumed = Math.ceil(from.window.values / 4);
    nowMs += consumed / eventsPerMs;
    from.window.report(consumed, nowMs);
  }
  return { window: from.window, nowMs };
}

function remote(): CreditWindow {
  return new CreditWindow(creditEventsDefault, false, 0);
}

describe("the window of a receiver on another thread", () => {
  test("begins with an eighth of what is allowed", () => {
    expect(remote().values).toBe(floor);
    expect(new CreditWindow(1, false, 0).values).toBe(1);
  });

  test.each([1, floor / creditMs])("is an eighth where it consumes %d events in a ms or fewer", (eventsPerMs) => {
    expect(windowAfter(100, eventsPerMs).window.values).toBe(floor);
  });

  test("is what is consumed in 10 ms where that is more", () => {
    expect(creditMs).toBe(10);
    expect(windowAfter(100, 2_000).window.values).toBe(20_000);
  });

  test("is all that is allowed where it consumes that in 10 ms, after three reports", () => {
    expect(windowAfter(3, 100_000).window.values).toBe(creditEventsDefault);
    expect(windowAfter(100, 100_000).window.values).toBe(creditEventsDefault);
  });

  test("is an eighth again once a receiver that has become slow has consumed what was on its way", () => {
    const fast = windowAfter(10, 100_000);

    const slow = windowAfter(8, 1, fast);

    expect(slow.window.values).toBe(floor);
  });

  test("begins anew with the channel", () => {
    const { window, nowMs } = windowAfter(10, 100_000);

    window.startOver(nowMs);

    expect(window.values).toBe(floor);
  });
});

test.each([
  { allowed: creditEventsDefault, events: localCreditEventsMax },
  { allowed: 100, events: 100 },
])("on one thread the window stays as it is: $events where $allowed are allowed", ({ allowed, events }) => {
  const window = new CreditWindow(allowed, true, 0);

  const credit = [window.report(50, 0.001), window.report(50, 10_000)];

  expect([window.values, ...credit]).toEqual([events, 50, 50]);
});

test("credit is never taken back, and what may be on its way stays within what is allowed", () => {
  const report = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(report), (allowed, reports) => {
      const window = new CreditWindow(allowed, false, 0);
      let nowMs = 0;
      let underWay = window.values;
      for (const [share, waitMs] of reports) {
        const consumed = Math.max(1, Math.floor(share * underWay));
        nowMs += waitMs;
        const credit = window.report(consumed, nowMs);
        expect(credit).toBeGreaterThanOrEqual(0);
        underWay += credit - consumed;
        expect(underWay).toBe(window.values);
        expect(underWay).toBeLessThanOrEqual(allowed);
        expect(underWay).toBeGreaterThanOrEqual(Math.min(allowed, Math.ceil(allowed / creditFloorShare)));
      }
    }),
  );
});
