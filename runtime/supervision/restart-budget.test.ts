import fc from "fast-check";
import { expect, test } from "vitest";
import { RestartBudget } from "./restart-budget.ts";

test("grants restarts until the window is full, and again as they leave it", () => {
  const budget = new RestartBudget(2, 1_000);

  const granted = [0, 400, 999, 1_000, 1_399, 1_400].map((nowMs) => budget.take(nowMs));

  expect(granted).toEqual([true, true, false, true, false, true]);
});

test("of none grants none", () => {
  expect(new RestartBudget(0, 1_000).take(0)).toBe(false);
});

test("is never exceeded in any window, and never refuses what it could grant", () => {
  const times = fc.array(fc.nat(300), { maxLength: 100 });
  fc.assert(
    fc.property(fc.nat(5), fc.integer({ min: 1, max: 500 }), times, (restartsMax, withinMs, gapsMs) => {
      const budget = new RestartBudget(restartsMax, withinMs);
      const granted: number[] = [];
      let nowMs = 0;

      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        const inWindow = granted.filter((grantedMs) => grantedMs > nowMs - withinMs).length;
        const isGranted = budget.take(nowMs);
        expect(isGranted).toBe(inWindow < restartsMax);
        if (isGranted) granted.push(nowMs);
      }

      for (const startMs of granted) {
        const inWindow = granted.filter((grantedMs) => grantedMs >= startMs && grantedMs < startMs + withinMs);
        expect(inWindow.length).toBeLessThanOrEqual(restartsMax);
      }
    }),
  );
});
