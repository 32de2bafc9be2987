import { describe, expect, test } from "vitest";
import { SystemClock, VirtualClock } from "../../runtime/index.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { type ForEachOptions, forEach } from "./for-each.ts";

/** A function whose calls are ended by hand, in any order. */
function controlled() {
  const calls: { event: number; signal: AbortSignal; end: (error?: unknown) => void }[] = [];
  const handle = (event: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      calls.push({ event, signal, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { calls, handle, begun: () => calls.map(({ event }) => event) };
}

const settled = () => new Promise<void>((resolve) => new SystemClock().soon(resolve));

async function open(handle: (event: number, signal: AbortSignal) => unknown, options?: ForEachOptions) {
  const clock = new VirtualClock();
  const harness = await OperatorHarness.open(forEach(handle, options), { clock });
  return { harness, clock };
}

describe("in order", () => {
  test("by default each call ends before the next begins", async () => {
    const { calls, handle, begun } = controlled();
    const { harness } = await open(handle);

    harness.feedValues([1, 2, 3]);
    expect(begun()).toEqual([1]);
    calls[0]!.end();
    await harness.until(() => calls.length === 2);
    expect(begun()).toEqual([1, 2]);
    calls[1]!.end();
    await harness.until(() => calls.length === 3);
    expect(harness.quiet).toBe(false);
    calls[2]!.end();
    await harness.end();

    expect(harness.waitingCount).toBe(0);
    expect(harness.quiet).toBe(true);
  });

  test("no more calls than allowed are in flight, whichever end first", async () => {
    const { calls, handle, begun } = controlled();
    const { harness } = await open(handle, { concurrency: 3 });

    harness.feedValues([1, 2, 3, 4, 5]);
    expect(begun()).toEqual([1, 2, 3]);
    expect(harness.ready).toBe(false);
    calls[1]!.end();
    await harness.until(() => calls.length === 4);
    expect(begun()).toEqual([1, 2, 3, 4]);
    for (const { end } of calls) end();
    await harness.until(() => calls.length === 5);
    calls[4]!.end();
    await harness.end();

    expect(begun()).toEqual([1, 2, 3, 4, 5]);
  });

  test("a function that returns no promise holds up nothing", async () => {
    const seen: number[] = [];
    const { harness } = await open((event) => seen.push(event));

    harness.feedValues(Array.from({ length: 5_000 }, (_, index) => index));

    expect(seen).toHaveLength(5_000);
    expect(harness.waitingCount).toBe(0);
  });
});

describe("failures", () => {
  test("a rejection is reported with its event, and the next event is handled", async () => {
    const { calls, handle } = controlled();
    const { harness } = await open(handle);
    const error = new Error("refused");

    harness.feedValues([1, 2]);
    calls[0]!.end(error);
    await harness.until(() => calls.length === 2);
    calls[1]!.end();
    await harness.end();

    expect(harness.deadLetters).toEqual([{ value: 1, error }]);
  });

  test("a throw is a failure of its event, and leaves nothing in flight", async () => {
    const error = new Error("refused");
    const { harness } = await open(() => {
      throw error;
    });

    harness.feedValues([1]);

    expect(harness.deadLetters).toEqual([{ value: 1, error }]);
    expect(harness.quiet).toBe(true);
  });

  test("a call that takes too long fails, its signal is aborted, and what it says later is ignored", async () => {
    const { calls, handle } = controlled();
    const { harness, clock } = await open(handle, { timeout: "2s" });

    harness.feedValues([1]);
    clock.advance(1_999);
    expect(calls[0]!.signal.aborted).toBe(false);
    clock.advance(1);

    expect(calls[0]!.signal.aborted).toBe(true);
    const expected = { error: expect.objectContaining({ code: "ERR_ACT_CALL_TIMEOUT" }), value: 1 };
    expect(harness.deadLetters).toEqual([expected]);
    calls[0]!.end(new Error("late"));
    await settled();
    expect(harness.deadLetters).toHaveLength(1);
    expect(harness.quiet).toBe(true);
  });

  test("a call is made again after growing delays, as often as allowed", async () => {
    const { calls, handle, begun } = controlled();
    const retry = { attempts: 3, delay: "100ms", delayMax: "1s" } as const;
    const { harness, clock } = await open(handle, { retry });
    const delaysMs: (number | undefined)[] = [];

    harness.feedValues([7, 8]);
    for (const attempt of [0, 1, 2]) {
      calls[attempt]!.end(new Error(`attempt ${attempt}`));
      await settled();
      delaysMs.push(clock.nextDelayMs());
      clock.advance(clock.nextDelayMs() ?? 0);
    }
    await harness.step();

    // The random number of the test context is 0.5: three quarters of 100 and of 200 ms.
    expect(delaysMs).toEqual([75, 150, undefined]);
    expect(begun()).toEqual([7, 7, 7, 8]);
    expect(harness.deadLetters).toEqual([{ error: new Error("attempt 2"), value: 7 }]);
  });

  test("a call that succeeds when made again is no failure", async () => {
    let callCount = 0;
    const { harness, clock } = await open(
      () => {
        callCount += 1;
        if (callCount < 3) throw new Error("not yet");
      },
      { retry: { attempts: 3 } },
    );

    harness.feedValues([1]);
    clock.advance(1_000);
    await harness.end();

    expect(callCount).toBe(3);
    expect(harness.deadLetters).toEqual([]);
  });

  test.each([
    ["2s", 5],
    [undefined, 1],
  ] as const)(
    "a sink that is closed aborts its calls and waits for nothing (timeout %s)",
    async (timeout, attempts) => {
      const { calls, handle } = controlled();
      const { harness, clock } = await open(handle, { ...(timeout && { timeout }), retry: { attempts } });

      harness.feedValues([1]);
      await harness.close();
      calls[0]!.end(new Error("aborted"));
      await settled();

      expect(calls[0]!.signal.aborted).toBe(true);
      expect(harness.deadLetters).toEqual([]);
      expect(clock.nextDelayMs()).toBeUndefined();
    },
  );
});

test.each([
  ["concurrency", { concurrency: 0 }],
  ["timeout", { timeout: "soon" as "1s" }],
  ["retry.attempts", { retry: { attempts: 0 } }],
  ["retry.delayMax", { retry: { attempts: 2, delay: "2s", delayMax: "1s" } }],
] as const)("refuses %s that is not allowed, naming it", (path, options) => {
  const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`forEach: ${path}`) };
  expect(() => forEach(() => undefined, options)).toThrow(expect.objectContaining(expected));
});
