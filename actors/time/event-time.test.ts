import { describe, expect, test } from "vitest";
import { virtualWallStartMs } from "../../runtime/index.ts";
import { maxAheadMsDefault } from "../limits.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import { type EventTimeOptions, eventTime } from "./event-time.ts";

interface Reading {
  readonly at: number;
  readonly device?: string;
}

function harnessOf(options: EventTimeOptions<Reading> = {}, more: OperatorHarnessOptions = {}) {
  return OperatorHarness.open<Reading>(eventTime({ time: ({ at }: Reading) => at, ...options }), more);
}

const readings = (...times: number[]) => times.map((at) => ({ at }));
const toldTimes = (harness: OperatorHarness<Reading>) => harness.watermarks.map(({ time }) => time);

describe("the watermark", () => {
  test("is behind the newest event by the disorder that is allowed, and one more", async () => {
    const harness = await harnessOf({ outOfOrderness: 5 });

    harness.feedValues(readings(100, 98));
    harness.feedValues(readings(97));
    harness.feedValues(readings(110));

    expect(toldTimes(harness)).toEqual([94, 104]);
    expect(harness.results()["main"]?.map(({ time }) => time)).toEqual([100, 98, 97, 110]);
  });

  test("is that of the slowest split", async () => {
    const harness = await harnessOf({ splitBy: ({ device = "" }) => device });

    harness.feedValues([
      { at: 100, device: "a" },
      { at: 50, device: "b" },
    ]);
    harness.feedValues([{ at: 70, device: "b" }]);

    expect(toldTimes(harness)).toEqual([49, 69]);
  });

  test("goes on without a split that is idle; that comes back before its events do", async () => {
    const harness = await harnessOf({ splitBy: ({ device = "" }) => device, idleAfter: "10s" });
    harness.feedValues([
      { at: 100, device: "a" },
      { at: 50, device: "b" },
    ]);
    await harness.advance(6_000);
    harness.feedValues([{ at: 120, device: "a" }]);

    await harness.advance(6_000);

    expect(harness.watermarks.at(-1)).toEqual({ time: 119, isIdle: false });

    await harness.advance(10_000);

    expect(harness.watermarks.at(-1)).toEqual({ time: 119, isIdle: true });

    harness.feedValues([{ at: 130, device: "b" }]);

    expect(harness.watermarks.slice(-2)).toEqual([
      { time: 119, isIdle: true },
      { time: 129, isIdle: false },
    ]);
  });

  test("does not take an input for idle that could not be read", async () => {
    const harness = await harnessOf({ idleAfter: "10s" });
    harness.feedValues(readings(100));
    await harness.advance(6_000);
    harness.context.standstillMs = 60_000;

    await harness.advance(60_000);
    expect(harness.watermarks.at(-1)).toEqual({ time: 99, isIdle: false });
    await harness.advance(5_000);

    expect(harness.watermarks.at(-1)).toEqual({ time: 99, isIdle: true });
  });

  test("is what the events say, where they say it", async () => {
    const harness = await harnessOf({ watermark: ({ device }, time) => (device === "mark" ? time : undefined) });

    harness.feedValues(readings(100, 120));
    harness.feedValues([{ at: 110, device: "mark" }]);
    harness.feedValues([{ at: 105, device: "mark" }]);

    expect(toldTimes(harness)).toEqual([110]);
    expect(harness.values()).toHaveLength(4);
  });

  test("that is no time is refused with its event", async () => {
    const harness = await harnessOf({ watermark: () => Number.NaN });

    harness.feedValues(readings(100));

    expect(harness.deadLetters).toMatchObject([{ value: { at: 100 }, error: { code: "ERR_ACT_EVENT_TIME" } }]);
    expect([harness.values(), toldTimes(harness)]).toEqual([[], []]);
  });

  test("is nothing of what came with the stream, except its end", async () => {
    const harness = await harnessOf();
    harness.watermark(1_000);
    harness.feedValues(readings(5));

    await harness.end();

    expect(toldTimes(harness)).toEqual([4, Number.POSITIVE_INFINITY]);
  });

  test("goes on from a checkpoint, also that of more instances, at the slowest of the same split", async () => {
    const options = { guarantee: "exactly-once" } as const;
    const before = await Promise.all([0, 1].map((instance) => harnessOf({}, { ...options, instance, parallelism: 2 })));
    before[0]?.feedValues(readings(10));
    before[1]?.feedValues(readings(30));
    const entries = (await Promise.all(before.map((harness) => harness.barrier(1)))).flat();

    const after = await harnessOf({}, { ...options, restore: { entries, epoch: 1 } });
    await after.step();

    expect(toldTimes(after)).toEqual([9]);
    expect(await after.barrier(2)).toMatchObject([
      ["event time", 1, false, undefined, expect.anything()],
      ["event time", 0, true, [["", 10]], { owner: "any" }],
    ]);
  });
});

describe("an event without a usable time is given up", () => {
  const farAhead = virtualWallStartMs + 10 * maxAheadMsDefault;

  test.each([
    [Number.NaN, "ms since the epoch is expected"],
    [undefined as unknown as number, "ms since the epoch is expected"],
    ["12" as unknown as number, "ms since the epoch is expected"],
    [-1, "before 1970"],
    [Number.POSITIVE_INFINITY, "maxAhead"],
    [farAhead, "maxAhead"],
  ])("%s", async (at, why) => {
    const harness = await harnessOf();
    harness.feedValues([{ at }, { at: 5 }]);

    expect(harness.deadLetters).toMatchObject([{ value: { at }, error: { code: "ERR_ACT_EVENT_TIME" } }]);
    expect(harness.deadLetters.map(({ error }) => (error as Error).message)).toEqual([expect.stringContaining(why)]);
    expect(harness.values()).toEqual([{ at: 5 }]);
    expect(toldTimes(harness)).toEqual([4]);
  });

  test("unless it may be as far ahead", async () => {
    const harness = await harnessOf({ maxAhead: false });
    harness.feedValues([{ at: farAhead }]);

    expect(harness.deadLetters).toEqual([]);
  });
});

test("many events go on as they came, but for those whose time fails or is none", async () => {
  const time = ({ at }: Reading) => {
    if (at % 7 === 0) throw new Error("no time");
    return at % 5 === 0 ? Number.NaN : at;
  };
  const harness = await OperatorHarness.open<Reading>(eventTime({ time, outOfOrderness: 10 }));
  const given = readings(...Array.from({ length: 1_000 }, (_, index) => 1 + ((index * 17) % 1_000)));

  harness.feedValues(given);

  const kept = given.filter(({ at }) => at % 7 !== 0 && at % 5 !== 0);
  expect(harness.results()["main"]).toEqual(kept.map((value) => ({ value, time: value.at })));
  expect(harness.deadLetters.map(({ value }) => value)).toEqual(given.filter((event) => !kept.includes(event)));
  expect(toldTimes(harness)).toEqual([Math.max(...kept.map(({ at }) => at)) - 11]);
});

test("the time of an event is asked for once, also when it is none", async () => {
  const asked: Reading[] = [];
  const time = (reading: Reading) => {
    asked.push(reading);
    return reading.at;
  };
  const harness = await harnessOf({ time });
  const given = readings(1, 2, Number.NaN, 3, -1, 4);

  harness.feedValues(given);

  expect(asked).toEqual(given);
  expect(harness.deadLetters.map(({ value }) => value)).toEqual([given[2], given[4]]);
});

test("a time may be a date", async () => {
  const harness = await OperatorHarness.open(eventTime<Reading>({ time: ({ at }) => new Date(at) }));
  harness.feedValues(readings(5));

  expect(harness.results()["main"]).toEqual([{ value: { at: 5 }, time: 5 }]);
});

test.each([
  [(event: { at: number }) => event.at, "ERR_RT_OPTION"],
  [{ time: 5 }, "ERR_RT_OPTION"],
  [{ time: async () => 5 }, "ERR_ACT_ASYNC_FUNCTION"],
  [{ outOfOrderness: "soon" }, "ERR_RT_OPTION"],
  [{ idleAfter: 0 }, "ERR_RT_OPTION"],
  [{ watermark: () => 1, outOfOrderness: 5 }, "ERR_RT_OPTION"],
  [{ maxAhead: 0 }, "ERR_RT_OPTION"],
  [{ splitBy: "device" }, "ERR_RT_OPTION"],
])("options that are none are refused: %j", (options, code) => {
  expect(() => eventTime(options as never)).toThrow(expect.objectContaining({ code }));
});
