import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../runtime/index.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { CallContext } from "./async-call.ts";
import type { AsyncOrder } from "./call-queue.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { type MapAsyncOptions, mapAsync } from "./map-async.ts";

const failure = new Error("rejected");

/** A call whose outcome the test decides. */
interface OpenCall {
  readonly value: string;
  readonly context: CallContext;
  resolve(result?: unknown): void;
  reject(error?: unknown): void;
}

/** A harness with a function whose calls stay open until the test ends them. */
async function openCalls(options: MapAsyncOptions<string> = {}) {
  const calls: OpenCall[] = [];
  const fn = (value: string, context: CallContext) =>
    new Promise((resolve, reject) => {
      calls.push({
        value,
        context,
        resolve: (result = value.toUpperCase()) => resolve(result),
        reject: (error = failure) => reject(error),
      });
    });
  const harness = await OperatorHarness.open(mapAsync(fn, options));
  const open = (value: string) => calls.findLast((call) => call.value === value)!;
  return { harness, calls, open };
}

const feed = (text: string) => text.split(" ").map((value, index) => ({ value, key: value[0]!, time: 5_000 + index }));

const sleep = (clock: Clock, delayMs: number) => new Promise<void>((resolve) => void clock.after(delayMs, resolve));

describe("order", () => {
  test('"ordered" holds results back until those before them are there', async () => {
    const { harness, open } = await openCalls();
    harness.feed(feed("a b c"));

    open("c").resolve();
    open("b").resolve();
    await harness.step();
    expect(harness.values()).toEqual([]);
    open("a").resolve();
    await harness.step();

    expect(harness.values()).toEqual(["A", "B", "C"]);
  });

  test('"unordered" hands results out as they come', async () => {
    const { harness, open } = await openCalls({ order: "unordered" });
    harness.feed(feed("a b c"));

    open("c").resolve();
    await harness.step();
    expect(harness.values()).toEqual(["C"]);
    open("a").resolve();
    await harness.step();

    expect(harness.values()).toEqual(["C", "A"]);
  });

  test('"per-key" makes one call per key at a time, and different keys do not wait for each other', async () => {
    const { harness, calls, open } = await openCalls({ order: "per-key" });

    harness.feed(feed("a1 a2 b1 a3"));
    await harness.step();
    expect(calls.map((call) => call.value)).toEqual(["a1", "b1"]);
    open("b1").resolve();
    open("a1").resolve();
    await harness.step();
    expect(calls.map((call) => call.value)).toEqual(["a1", "b1", "a2"]);
    open("a2").reject();
    await harness.step();
    open("a3").resolve();
    await harness.step();

    expect(harness.values()).toEqual(["B1", "A1", "A3"]);
    expect(harness.quiet).toBe(true);
  });

  test.each<AsyncOrder>(["ordered", "per-key", "unordered"])(
    '"%s" is kept however long the calls take, whichever fail, however the input is cut',
    async (order) => {
      const events = Array.from({ length: 25 }, (_, value) => ({ value, key: value % 4, time: 5_000 + value }));
      const delay = (value: number) => (value * 7_919) % 97;
      const spec = mapAsync(
        async (value: number, { clock }) => {
          await sleep(clock, delay(value));
          if (value % 6 === 5) throw failure;
          return value;
        },
        { order, concurrency: 5 },
      );
      const sorted = (values: readonly { value: unknown }[]) =>
        [...values].sort((left, right) => Number(left.value) - Number(right.value));
      const view = ({ results, deadLetters }: Awaited<ReturnType<typeof expectSameInCuts>>) => ({
        results: order === "ordered" ? results.main : sorted(results.main ?? []),
        deadLetters: sorted(deadLetters),
      });

      const run = await expectSameInCuts(spec, events, view);

      const good = events.filter(({ value }) => value % 6 !== 5);
      expect(view(run)).toEqual({
        results: good.map(({ value, time }) => ({ value, time })),
        deadLetters: [5, 11, 17, 23].map((value) => ({ value, error: failure })),
      });
      for (let key = 0; order === "per-key" && key < 4; key += 1) {
        const ofKey = run.results.main?.map((result) => Number(result.value)).filter((value) => value % 4 === key);
        expect(ofKey).toEqual(good.map(({ value }) => value).filter((value) => value % 4 === key));
      }
    },
  );

  test('"per-key" takes the key of a function before that of the stream', async () => {
    const { harness, calls } = await openCalls({ order: "per-key", key: (value) => value[1]! });

    harness.feed(feed("a1 b1 a2"));

    expect(calls.map((call) => [call.value, call.context.key])).toEqual([
      ["a1", "1"],
      ["a2", "2"],
    ]);
  });

  test('"per-key" without keys fails the events', async () => {
    const { harness } = await openCalls({ order: "per-key" });

    harness.feed([{ value: "a" }, { value: "b" }]);

    expect(harness.deadLetters).toEqual([
      { value: "a", error: expect.objectContaining({ code: "ERR_ACT_KEY" }) },
      { value: "b", error: expect.objectContaining({ code: "ERR_ACT_KEY" }) },
    ]);
    expect(harness.quiet).toBe(true);
  });
});

describe("concurrency", () => {
  test("bounds the events in hand, those included that wait for their turn to leave", async () => {
    const { harness, calls, open } = await openCalls({ concurrency: 2 });

    harness.feed(feed("a b c d"));
    expect([calls.length, harness.ready, harness.waitingCount]).toEqual([2, false, 2]);
    open("b").resolve();
    await harness.step();
    expect([calls.length, harness.ready]).toEqual([2, false]);
    open("a").resolve();
    await harness.step();

    expect([calls.length, harness.waitingCount]).toEqual([4, 0]);
    expect(harness.values()).toEqual(["A", "B"]);
  });

  test("is never exceeded", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(50), { maxLength: 40 }),
        fc.constantFrom<AsyncOrder>("ordered", "per-key", "unordered"),
        async (concurrency, delays, order) => {
          let running = 0;
          let runningMax = 0;
          const spec = mapAsync(
            async (delayMs: number, { clock }) => {
              running += 1;
              runningMax = Math.max(runningMax, running);
              await sleep(clock, delayMs);
              running -= 1;
            },
            { concurrency, order },
          );
          const harness = await OperatorHarness.open(spec);
          harness.feed(delays.map((value) => ({ value, key: value % 3 })));

          await harness.end();

          expect(harness.values().length).toBe(delays.length);
          expect(runningMax).toBeLessThanOrEqual(concurrency);
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });
});

describe("an event whose call fails", () => {
  test("becomes a dead letter, and the others go on as if it had been filtered out", async () => {
    const { harness, open } = await openCalls();
    harness.feed(feed("a b c"));

    open("a").reject();
    open("c").resolve();
    open("b").resolve();
    await harness.step();

    expect(harness.values()).toEqual(["B", "C"]);
    expect(harness.deadLetters).toEqual([{ value: "a", error: failure }]);
    expect(harness.quiet).toBe(true);
  });

  test("fails alike when the function throws before it returns a promise", async () => {
    const harness = await OperatorHarness.open(
      mapAsync(() => {
        throw failure;
      }),
    );

    harness.feed(feed("a"));
    await harness.settle();

    expect(harness.deadLetters).toEqual([{ value: "a", error: failure }]);
  });

  test("may reject with anything, also with nothing", async () => {
    const { harness, calls } = await openCalls();
    harness.feed(feed("a b"));

    calls[0]?.reject(null);
    calls[1]?.reject("just a string");
    await harness.step();

    expect(harness.deadLetters).toEqual([
      { value: "a", error: null },
      { value: "b", error: "just a string" },
    ]);
  });
});

describe("retry", () => {
  test("makes the call again after a backoff that doubles, half of it by chance", async () => {
    const { harness, calls, open } = await openCalls({ retry: { attempts: 3, delay: "100ms" } });
    harness.feed(feed("a"));

    // The chance of the harness is 0.5, hence three quarters of the backoff.
    open("a").reject();
    await harness.advance(74);
    expect(calls.length).toBe(1);
    await harness.advance(1);
    expect(calls.length).toBe(2);
    open("a").reject();
    await harness.advance(149);
    expect(calls.length).toBe(2);
    await harness.advance(1);
    open("a").resolve();
    await harness.step();

    expect(calls.map((call) => call.context.attempt)).toEqual([1, 2, 3]);
    expect(harness.values()).toEqual(["A"]);
    expect(harness.deadLetters).toEqual([]);
  });

  test("gives up after the last attempt, with its error", async () => {
    const { harness, calls, open } = await openCalls({ retry: { attempts: 2, delay: 10 } });
    harness.feed(feed("a b"));
    open("b").resolve();

    open("a").reject(new Error("first"));
    await harness.advance(10);
    expect(harness.values()).toEqual([]);
    open("a").reject(failure);
    await harness.advance(10_000);

    expect(calls.length).toBe(3);
    expect(harness.deadLetters).toEqual([{ value: "a", error: failure }]);
    expect(harness.values()).toEqual(["B"]);
  });

  test("keeps the place of the event, and its key busy", async () => {
    const { harness, calls, open } = await openCalls({ order: "per-key", retry: { attempts: 2, delay: 10 } });
    harness.feed(feed("a1 a2"));

    open("a1").reject();
    await harness.advance(20);
    expect(calls.map((call) => call.value)).toEqual(["a1", "a1"]);
    open("a1").resolve();
    await harness.step();
    open("a2").resolve();
    await harness.step();

    expect(harness.values()).toEqual(["A1", "A2"]);
  });
});

describe("timeout", () => {
  const timedOut = expect.objectContaining({ code: "ERR_ACT_CALL_TIMEOUT" });

  test("fails the event, aborts the signal, and ignores what comes later", async () => {
    const { harness, open } = await openCalls({ timeout: "1s" });
    harness.feed(feed("a b"));
    const { signal } = open("a").context;
    open("b").resolve();

    await harness.advance(999);
    expect([signal.aborted, harness.deadLetters.length]).toEqual([false, 0]);
    await harness.advance(1);
    expect(harness.deadLetters).toEqual([{ value: "a", error: timedOut }]);
    expect([signal.aborted, signal.reason]).toEqual([true, timedOut]);
    open("a").resolve();
    await harness.step();

    expect(harness.values()).toEqual(["B"]);
    expect(harness.deadLetters.length).toBe(1);
  });

  test("counts for each attempt anew, and a late answer to an earlier attempt has no say", async () => {
    const { harness, calls } = await openCalls({ timeout: "1s", retry: { attempts: 2, delay: 0 } });
    harness.feed(feed("a"));

    await harness.advance(1_000);
    expect(calls.length).toBe(2);
    calls[0]?.resolve("late");
    await harness.advance(999);
    expect(harness.values()).toEqual([]);
    calls[1]?.resolve("in time");
    await harness.step();

    expect(harness.values()).toEqual(["in time"]);
    expect(calls.map((call) => call.context.signal.aborted)).toEqual([true, false]);
  });

  test("is there also when none is given: nothing waits for ever", async () => {
    const { harness } = await openCalls();
    harness.feed(feed("a"));

    await harness.end();

    expect(harness.deadLetters).toEqual([{ value: "a", error: timedOut }]);
    expect(harness.clock.monotonicMs()).toBe(60_000);
  });

  test("leaves no timer behind when the call ends in time", async () => {
    const { harness, open } = await openCalls({ timeout: "1s" });
    harness.feed(feed("a"));

    open("a").resolve();
    await harness.step();

    expect(harness.clock.nextDelayMs()).toBe(undefined);
  });
});

describe("close", () => {
  test("aborts the signals, and neither results nor failures nor retries follow", async () => {
    const { harness, calls, open } = await openCalls({ order: "per-key", retry: { attempts: 2, delay: "1s" } });
    harness.feed(feed("a1 a2 b1 c1"));
    const signals = calls.map((call) => call.context.signal);
    open("c1").reject();
    await harness.step();

    await harness.close();
    open("a1").resolve();
    open("b1").reject();
    await harness.step();

    expect(signals.map((signal) => signal.aborted)).toEqual([true, true, false]);
    expect(calls.length).toBe(3);
    expect(harness.values()).toEqual([]);
    expect(harness.deadLetters).toEqual([]);
    expect(harness.clock.nextDelayMs()).toBe(undefined);
  });

  test("a signal that is asked for only afterwards is aborted too", async () => {
    const { harness, open } = await openCalls();
    harness.feed(feed("a"));

    await harness.close();

    expect(open("a").context.signal.aborted).toBe(true);
  });
});

test("takes a plain result too, and a thenable for a promise", async () => {
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
  const thenable = { then: (resolve: (value: string) => void) => resolve("later") };
  const harness = await OperatorHarness.open(
    mapAsync((value: string) => (value === "a" ? "now" : (thenable as never))),
  );

  harness.feed(feed("a b"));
  await harness.settle();

  expect(harness.values()).toEqual(["now", "later"]);
});

test("tells each call its own time and key, however long it takes", async () => {
  const { harness, calls } = await openCalls();
  harness.feed(feed("a b"));
  harness.feed(feed("c"));

  expect(calls.map(({ context }) => [context.time, context.key, context.operator])).toEqual([
    [5_000, "a", "under-test"],
    [5_001, "b", "under-test"],
    [5_000, "c", "under-test"],
  ]);
});

describe("refuses", () => {
  test.each<[string, () => unknown]>([
    ["mapAsync: expected a function, got 1", () => mapAsync(1 as never)],
    ["mapAsync: order: expected", () => mapAsync(async () => 0, { order: "random" as never })],
    ["mapAsync: concurrency: expected a whole number from 1", () => mapAsync(async () => 0, { concurrency: 0 })],
    ["mapAsync: timeout: expected a duration above 0", () => mapAsync(async () => 0, { timeout: 0 })],
    ["mapAsync: timeout: expected a duration such as", () => mapAsync(async () => 0, { timeout: Infinity })],
    ["mapAsync: retry.attempts: expected", () => mapAsync(async () => 0, { retry: { attempts: 0 } })],
    ["mapAsync: key: expected a function", () => mapAsync(async () => 0, { key: "id" as never })],
  ])("%s", (message, build) => {
    expect(build).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(message) }),
    );
  });
});
