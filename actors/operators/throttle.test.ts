import { describe, expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { throttle } from "./throttle.ts";

const events = (count: number) => Array.from({ length: count }, (_, value) => ({ value, time: 5_000 + value }));

test("lets all events through, in order, with their event times", async () => {
  const run = await expectSameInCuts(throttle(10, "1s", { burst: 3 }), events(25));

  expect(run.results.main).toEqual(events(25));
});

test("takes no more than its burst and its rate, and leaves the others upstream", async () => {
  const harness = await OperatorHarness.open(throttle(2, "1s", { burst: 3 }));

  harness.feed(events(10));
  expect(harness.values()).toEqual([0, 1, 2]);
  expect([harness.waitingCount, harness.ready]).toEqual([7, false]);

  await harness.advance(499);
  expect(harness.values()).toEqual([0, 1, 2]);
  await harness.advance(1);
  expect(harness.values()).toEqual([0, 1, 2, 3]);
  await harness.advance(2_500);
  expect(harness.values()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("spreads the events evenly when no burst is given, and timers are fine enough", async () => {
  const harness = await OperatorHarness.open(throttle(4, "1s"));
  harness.feed(events(9));
  const counts: number[] = [];

  for (let step = 0; step < 4; step += 1) {
    counts.push(harness.values().length);
    await harness.advance(250);
  }

  expect(counts).toEqual([1, 2, 3, 4]);
});

test("keeps a rate of many events per ms", async () => {
  const harness = await OperatorHarness.open(throttle(100_000, "1s"));
  harness.feed(events(20_000));

  await harness.advance(100);

  expect(harness.values().length).toBe(2_000 + 100 * 100);
});

test("is not at work any more once its cell has closed", async () => {
  const harness = await OperatorHarness.open(throttle(1, "1s"));
  harness.feed(events(3));

  await harness.close();

  expect(harness.values()).toEqual([0]);
  expect(harness.clock.nextDelayMs()).toBe(undefined);
});

test("heads its chain", () => {
  expect(throttle(1, "1s").heads).toBe(true);
});

describe("refuses", () => {
  test.each<[string, () => unknown]>([
    ["throttle: count: expected a whole number from 1", () => throttle(0, "1s")],
    ["throttle: count: expected a whole number from 1", () => throttle(1.5, "1s")],
    ["throttle: interval: expected a duration above 0, got 0", () => throttle(1, 0)],
    ["throttle: interval: expected a duration such as", () => throttle(1, "fast" as never)],
    ["throttle: burst: expected a whole number from 1", () => throttle(1, "1s", { burst: 0 })],
  ])("%s", (message, build) => {
    expect(build).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(message) }),
    );
  });
});
