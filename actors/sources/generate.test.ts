import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { type GenerateOptions, generate } from "./generate.ts";

describe("without a rate", () => {
  test("makes indices, or what the function makes of them", async () => {
    expect((await SourceHarness.readAll(generate({ count: 3 }))).events).toEqual([0, 1, 2]);
    expect((await SourceHarness.readAll(generate({ count: 2, from: (index) => `#${index}` }))).events).toEqual([
      "#0",
      "#1",
    ]);
  });

  test("without a count never ends", async () => {
    const spec = generate();
    const harness = await SourceHarness.open(spec);

    expect(spec.bounded).toBe(false);
    expect([harness.poll(5), harness.poll(5)]).toEqual(["more", "more"]);
    expect(harness.events).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("goes on behind an event that could not be made", async () => {
    const error = new Error("no 2");
    const from = (index: number) => {
      if (index === 2) throw error;
      return index;
    };
    const harness = await SourceHarness.open(generate({ count: 5, from }));

    await expect(harness.toEnd()).rejects.toBe(error);
    await harness.toEnd();

    expect(harness.events).toEqual([0, 1, 3, 4]);
  });
});

describe("with a rate", () => {
  async function open(options: GenerateOptions<number>, context = {}) {
    const clock = new VirtualClock();
    clock.advance(12_345);
    const harness = await SourceHarness.open(generate(options), { clock, ...context });
    /** Lets time pass and polls, if the source woke its cell. */
    const pass = (durationMs: number) => {
      const before = harness.events.length;
      clock.advance(durationMs);
      const isWoken = harness.context.takeWake();
      if (isWoken) while (harness.poll() === "more");
      return harness.events.slice(before);
    };
    return { harness, clock, pass };
  }

  test("emits each event when it falls due, and sleeps until the next", async () => {
    const { harness, clock, pass } = await open({ rate: 10 });

    expect(harness.poll()).toBe("waiting");
    expect(harness.events).toEqual([0]);
    expect(clock.nextDelayMs()).toBe(100);
    expect(pass(99)).toEqual([]);
    expect(pass(1)).toEqual([1]);
    expect(clock.nextDelayMs()).toBe(100);
  });

  test("catches up in batches when it was held up", async () => {
    const { harness, clock, pass } = await open({ rate: 1_000 });
    harness.poll();
    clock.advance(2_500);

    expect(harness.poll(1_000)).toBe("more");
    expect(harness.poll(1_000)).toBe("more");
    expect(harness.poll(1_000)).toBe("waiting");

    expect(harness.events).toHaveLength(2_501);
    expect(pass(1)).toEqual([2_501]);
  });

  test("wakes when an event is due, not a hair before, whatever the rate", () => {
    const rate = fc.double({ min: 0.01, max: 100_000, noNaN: true });
    return fc.assert(
      fc.asyncProperty(rate, fc.nat(1_000_000), async (perSecond, position) => {
        const { harness, clock } = await open({ rate: perSecond }, { position });
        harness.poll(1_000_000);
        for (let woken = 0; woken < 20; woken += 1) {
          const before = harness.events.length;
          clock.advance(clock.nextDelayMs()!);
          harness.poll(1_000_000);
          expect(harness.events.length).toBe(before + 1);
        }
      }),
    );
  });

  test("keeps the rate over a long time, however it divides", async () => {
    const { harness, pass } = await open({ rate: 333 });
    harness.poll();

    for (let second = 0; second < 1_000; second += 1) pass(1_000);

    expect(harness.events).toHaveLength(333_001);
  });

  test("is shared: all instances together keep the rate", async () => {
    const made: unknown[] = [];
    for (const instance of [0, 1, 2]) {
      const { harness, pass } = await open({ rate: 30 }, { instance, parallelism: 3 });
      harness.poll();
      pass(1_000);
      made.push(harness.events.length);
      expect(harness.events[0]).toBe(instance);
    }
    expect(made).toEqual([11, 10, 10]);
  });

  test("does not make up for the time it was away when it goes on at a position", async () => {
    const { harness, pass } = await open({ rate: 10 }, { position: 500 });

    harness.poll();

    expect(harness.events).toEqual([500]);
    expect(pass(200)).toEqual([501, 502]);
  });

  test("ends at its count, and leaves no timer behind", async () => {
    const { harness, clock, pass } = await open({ rate: 10, count: 3 });
    harness.poll();
    pass(10_000);

    expect(harness.events).toEqual([0, 1, 2]);
    expect(harness.poll()).toBe("end");
    await harness.close();
    expect(clock.nextDelayMs()).toBeUndefined();
  });
});

test.each([
  ["count", { count: -1 }],
  ["count", { count: 1.5 }],
  ["rate", { rate: 0 }],
  ["rate", { rate: Number.POSITIVE_INFINITY }],
  ["from", { from: "index" as unknown as () => number }],
  ["count", { count: undefined as unknown as number }],
])("refuses %s that is not allowed, naming it (%j)", (name, options) => {
  const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`generate: ${name}`) };
  expect(() => generate(options as GenerateOptions<number> & { from: () => number })).toThrow(
    expect.objectContaining(expected),
  );
});

test.each([-1, "3", 1.5])("refuses the position %j", async (position) => {
  await expect(SourceHarness.open(generate(), { position })).rejects.toMatchObject({ code: "ERR_ACT_POSITION_LOST" });
});
