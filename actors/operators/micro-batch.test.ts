import { describe, expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { filter } from "./filter.ts";
import { map } from "./map.ts";
import { mapAsync } from "./map-async.ts";
import { type MicroBatchOptions, microBatch } from "./micro-batch.ts";
import { type ProcessOperator, process } from "./process.ts";
import type { ProcessContext } from "./process-context.ts";

/** Says what it is given, and how far event time has come then. */
function teller(): ProcessOperator<number, string> {
  return {
    onEvent(event, context: ProcessContext<string>) {
      if (event < 0) throw new Error("negative");
      context.emit(`${event}.${context.input} at ${context.watermark}`);
      if (event === 13) context.deadLetter(event, new Error("unlucky"));
      context.timers.setEventTime(event);
    },
    onTimer({ time }, context) {
      context.emit(`timer ${time}`);
    },
    onMessage: () => "hello",
  };
}

async function open(options: MicroBatchOptions = { interval: "100ms" }) {
  const harness = await OperatorHarness.open<number, string>(microBatch(process(teller, { keyed: true }), options), {
    guarantee: "exactly-once",
  });
  const feed = (events: readonly number[], input = 0) =>
    harness.feed(
      events.map((value) => ({ value, time: value, key: "a" })),
      input,
    );
  return { harness, feed };
}

describe("an operator in micro-batches", () => {
  test("is given what came in an interval at once, and behind it how far event time has come", async () => {
    const { harness, feed } = await open();

    feed([10, 20]);
    harness.watermark(15);
    feed([12]);
    harness.watermark(18);
    await harness.advance(99);
    expect([harness.values(), harness.watermarks]).toEqual([[], []]);
    await harness.advance(1);

    expect(harness.values()).toEqual([
      "10.0 at -Infinity",
      "20.0 at -Infinity",
      "12.0 at -Infinity",
      "timer 10",
      "timer 12",
    ]);
    expect(harness.watermarks).toEqual([{ time: 18, isIdle: false }]);
    expect(harness.results()["main"]?.map(({ time }) => time)).toEqual([10, 20, 12, 10, 12]);
  });

  test("has no batch for an interval without anything, and one for a watermark alone", async () => {
    const { harness, feed } = await open();
    feed([10]);
    await harness.advance(350);
    expect(harness.values()).toHaveLength(1);

    harness.watermark(30);
    await harness.advance(49);
    expect(harness.values()).toHaveLength(1);
    await harness.advance(1);

    expect(harness.values().slice(1)).toEqual(["timer 10"]);
  });

  test("ends a batch when it is full, at a barrier and at the end", async () => {
    const { harness, feed } = await open({ interval: "1h", events: 2 });
    feed([1, 2, 3]);
    expect(harness.values()).toHaveLength(2);

    await harness.barrier(1);
    expect(harness.values()).toHaveLength(3);
    feed([4]);
    expect(harness.values()).toHaveLength(3);
    await harness.end();

    expect(harness.values().slice(3)).toEqual(["4.0 at -Infinity", "timer 1", "timer 2", "timer 3", "timer 4"]);
  });

  test("keeps apart what came in on different inputs, in order", async () => {
    const { harness, feed } = await open();

    feed([1, 2]);
    feed([3], 1);
    feed([4]);
    await harness.advance(100);

    expect(harness.values().map((text) => text.split(" ")[0])).toEqual(["1.0", "2.0", "3.1", "4.0"]);
  });

  test("gives up an event that fails, and works on those behind it", async () => {
    const { harness, feed } = await open();

    feed([1, -1, 2, -2]);
    await harness.advance(100);

    expect(harness.values().map((text) => text.split(" ")[0])).toEqual(["1.0", "2.0"]);
    expect(harness.deadLetters).toMatchObject([
      { value: -1, error: { message: "negative" } },
      { value: -2, error: { message: "negative" } },
    ]);
  });

  test("gives up what the operator gives up", async () => {
    const { harness, feed } = await open();

    feed([13]);
    await harness.advance(100);

    expect(harness.deadLetters).toMatchObject([{ value: 13, error: { message: "unlucky" } }]);
  });

  test("answers messages at once", async () => {
    const { harness } = await open();

    expect(harness.tell("?")).toBe("hello");
  });

  test("gives its state, and takes it back", async () => {
    const { harness, feed } = await open();
    feed([10, 20]);
    const entries = await harness.barrier(1);

    const next = await OperatorHarness.open<number, string>(
      microBatch(process(teller, { keyed: true }), { interval: "100ms" }),
      { guarantee: "exactly-once", restore: { entries, epoch: 1 } },
    );
    next.watermark(15);
    await next.advance(100);

    expect(next.values()).toEqual(["timer 10"]);
  });
});

test("an operator without event time passes watermarks on behind its results", async () => {
  const harness = await OperatorHarness.open<number>(
    microBatch(
      map((value: number) => value * 2),
      { interval: 10 },
    ),
  );

  harness.watermark(5);
  harness.feed([{ value: 7, time: 7 }]);
  await harness.advance(10);

  expect([harness.values(), harness.watermarks]).toEqual([[14], [{ time: 5, isIdle: false }]]);
});

test.each<[string, () => unknown]>([
  [
    "no interval",
    () =>
      microBatch(
        filter(() => true),
        { interval: 0 },
      ),
  ],
  [
    "a batch for no event",
    () =>
      microBatch(
        filter(() => true),
        { interval: 5, events: 0 },
      ),
  ],
  [
    "an operator with calls in flight",
    () =>
      microBatch(
        mapAsync(async () => 1),
        { interval: 5 },
      ),
  ],
])("%s is refused", (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});
