import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { timersPerKeyMax } from "../limits.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import type { ProcessOperator } from "./process.ts";

type Wish = readonly [what: "event" | "wall" | "forget-event" | "forget-wall", time: number, name?: string];

/** Sets and deletes the timers that its events wish for, and tells those that fire. */
function timers(): ProcessOperator<Wish, string> {
  return {
    onEvent([what, time, name], { timers }) {
      if (what === "event") timers.setEventTime(time, name);
      else if (what === "wall") timers.setProcessingTime(time, name);
      else if (what === "forget-event") timers.deleteEventTime(time, name);
      else timers.deleteProcessingTime(time, name);
    },
    onTimer({ kind, time, name }, context) {
      context.emit(`${kind} ${String(context.key)} ${time} ${name}`.trimEnd());
      if (name === "again") context.timers.setEventTime(time + 10, name);
    },
  };
}

const startMs = new VirtualClock().wallMs();

const open = (options: OperatorHarnessOptions = {}) =>
  OperatorHarness.openProcess<Wish, string>(timers, { ...options, keyed: true, guarantee: "exactly-once" });

type Harness = Awaited<ReturnType<typeof open>>;

function wish(harness: Harness, key: string, ...wishes: readonly Wish[]): void {
  harness.feed(wishes.map((value) => ({ value, key })));
}

async function restored(harness: Harness, clock = harness.clock): Promise<Harness> {
  const entries: readonly StateEntry[] = await harness.barrier(1);
  return open({ restore: { entries, epoch: 1 }, clock });
}

describe("timers of event time", () => {
  test("fire in the order of their times, those of one time as they were set, before event time is passed on", async () => {
    const harness = await open();
    wish(harness, "b", ["event", 20], ["event", 10]);
    wish(harness, "a", ["event", 10], ["event", 30]);

    harness.watermark(9);
    expect([harness.values(), harness.watermarks]).toEqual([[], [{ time: 9, isIdle: false }]]);
    harness.watermark(20);

    expect(harness.values()).toEqual(["event-time b 10", "event-time a 10", "event-time b 20"]);
    expect(harness.results().main?.map(({ time }) => time)).toEqual([10, 10, 20]);
  });

  test("fire once, however often they were set, and not when they were deleted", async () => {
    const harness = await open();
    wish(harness, "a", ["event", 10], ["event", 10], ["event", 10, "other"], ["event", 11], ["forget-event", 11]);
    wish(harness, "a", ["event", 12], ["forget-event", 12], ["event", 12], ["forget-event", 99]);

    harness.watermark(100);
    harness.watermark(101);

    expect(harness.values()).toEqual(["event-time a 10", "event-time a 10 other", "event-time a 12"]);
  });

  test("that they set themselves fire in the same turn when they are due", async () => {
    const harness = await open();
    wish(harness, "a", ["event", 10, "again"]);

    harness.watermark(35);

    expect(harness.values()).toEqual(["event-time a 10 again", "event-time a 20 again", "event-time a 30 again"]);
  });

  test("all fire at the end of the input, those of processing time do not", async () => {
    const harness = await open();
    wish(harness, "a", ["event", 1e15], ["wall", startMs + 60_000]);

    await harness.end();

    expect(harness.values()).toEqual(["event-time a 1000000000000000"]);
  });
});

describe("timers of processing time", () => {
  test("fire at their time, and as soon as possible when that has passed", async () => {
    const harness = await open();
    wish(harness, "a", ["wall", startMs + 50], ["wall", startMs + 20], ["wall", startMs - 5]);

    await harness.advance(0);
    expect(harness.values()).toEqual([`processing-time a ${startMs - 5}`]);
    await harness.advance(20);
    expect(harness.values().slice(1)).toEqual([`processing-time a ${startMs + 20}`]);
    wish(harness, "a", ["forget-wall", startMs + 50], ["wall", startMs + 40]);
    await harness.advance(100);

    expect(harness.values().slice(2)).toEqual([`processing-time a ${startMs + 40}`]);
  });

  test("fire at once after a restore when they fell due meanwhile", async () => {
    const harness = await open();
    wish(harness, "a", ["wall", startMs + 50], ["wall", startMs + 500]);
    const later = new VirtualClock();
    later.advance(100);

    const next = await restored(harness, later);
    await next.advance(0);
    expect(next.values()).toEqual([`processing-time a ${startMs + 50}`]);
    await next.advance(400);

    expect(next.values().slice(1)).toEqual([`processing-time a ${startMs + 500}`]);
  });
});

test("timers are restored, and those that fired or were deleted are not", async () => {
  const harness = await open();
  wish(harness, "a", ["event", 10], ["event", 20], ["event", 30]);
  wish(harness, "b", ["event", 10]);
  harness.watermark(10);
  wish(harness, "a", ["forget-event", 30]);

  const next = await restored(harness);
  next.watermark(50);

  expect(next.values()).toEqual(["event-time a 20"]);
});

test("one timer too many of a key is refused", async () => {
  const harness = await open();
  const wishes = Array.from({ length: timersPerKeyMax + 1 }, (_, time): Wish => ["event", time]);

  wish(harness, "a", ...wishes);
  wish(harness, "b", ["event", 1]);

  expect(harness.deadLetters).toMatchObject([{ value: ["event", timersPerKeyMax], error: { code: "ERR_ACT_TIMERS" } }]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, "12" as unknown as number])(
  "a timer at %s is refused",
  async (time) => {
    const harness = await open();

    wish(harness, "a", ["event", time]);

    expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_RT_OPTION" } }]);
  },
);
