import { describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { iterableReadAheadEventsMax } from "../limits.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { fromIterable } from "./from-iterable.ts";

const settled = () => new Promise<void>((resolve) => new SystemClock().soon(resolve));

function* numbers(state: { returned?: boolean } = {}) {
  try {
    for (let index = 0; ; index += 1) yield index;
  } finally {
    state.returned = true;
  }
}

describe("what can be read again", () => {
  test.each([
    ["an array", [1, 2], true],
    ["a set", new Set([1, 2]), true],
    ["a typed array", new Uint8Array([1, 2]), true],
    ["a string", "12", true],
    ["a function", () => [1, 2], true],
    ["an iterator", [1, 2].values(), false],
    ["a generator object", numbers(), false],
  ] as const)("%s: %j", (_name, iterable, replayable) => {
    expect(fromIterable(iterable as Iterable<unknown>).replayable).toBe(replayable);
  });

  test("an iterator that throws fails the source with what it threw, as one that cannot be read again", async () => {
    const thrown = new Error("socket closed");
    const spec = fromIterable(
      (function* (): Generator<number> {
        yield 1;
        throw thrown;
      })(),
    );
    const source = await SourceHarness.open(spec);

    await expect(source.toEnd()).rejects.toMatchObject({
      code: "ERR_ACT_SOURCE_CONSUMED",
      message: expect.stringContaining("failed (socket closed), and its iterable can be read only once"),
      cause: thrown,
    });
    await source.close();
  });

  test("an iterator is read once: a second incarnation fails instead of losing what the first one took", async () => {
    const spec = fromIterable([1, 2, 3].values());
    const first = await SourceHarness.open(spec);
    await first.toCount(1);
    await first.close();

    await expect(SourceHarness.open(spec)).rejects.toMatchObject({ code: "ERR_ACT_SOURCE_CONSUMED" });
  });

  test("an iterator is not shared", async () => {
    await expect(SourceHarness.open(fromIterable([1].values()), { parallelism: 2 })).rejects.toMatchObject({
      code: "ERR_ACT_PARALLELISM",
    });
  });

  test("an iterable that has become shorter than the position fails", async () => {
    await expect(
      SourceHarness.readAll(
        fromIterable(() => [1, 2]),
        { position: 3 },
      ),
    ).rejects.toMatchObject({
      code: "ERR_ACT_POSITION_LOST",
    });
  });
});

describe("an iterator", () => {
  test("is told when the source is closed before its end", async () => {
    const state: { returned?: boolean } = {};
    const harness = await SourceHarness.open(fromIterable(() => numbers(state)));
    await harness.toCount(3);

    await harness.close();

    expect(state.returned).toBe(true);
  });

  test("that throws fails the source, and is over then", async () => {
    const error = new Error("broken");
    const spec = fromIterable(function* () {
      yield 1;
      throw error;
    });
    const harness = await SourceHarness.open(spec);

    await expect(harness.toEnd()).rejects.toBe(error);

    expect(harness.events).toEqual([1]);
    expect(harness.poll()).toBe("end");
  });

  test("that has endless values which belong to other instances still lets others run", async () => {
    const harness = await SourceHarness.open(
      fromIterable(() => numbers()),
      { instance: 0, parallelism: 1_000_000 },
    );

    expect(harness.poll(1)).toBe("more");
    expect(harness.poll(1)).toBe("more");
    expect(harness.events).toEqual([0]);
  });
});

describe("an async iterator", () => {
  test("is read ahead of the events, within bounds", async () => {
    let nextCount = 0;
    const endless = () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          nextCount += 1;
          return { done: false as const, value: nextCount };
        },
      }),
    });
    const harness = await SourceHarness.open(fromIterable(endless));

    expect(harness.poll()).toBe("waiting");
    for (let turn = 0; turn < 20; turn += 1) await settled();
    expect(nextCount).toBe(iterableReadAheadEventsMax);

    await harness.toCount(5_000);
    expect(harness.events).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1));
    await harness.close();
  });

  test("that rejects fails the source behind the values before", async () => {
    const error = new Error("broken");
    const harness = await SourceHarness.open(
      fromIterable(async function* () {
        yield 1;
        yield 2;
        throw error;
      }),
    );

    await expect(harness.toEnd()).rejects.toBe(error);
    expect(harness.events).toEqual([1, 2]);
  });

  test("that hangs does not hold up closing", async () => {
    const harness = await SourceHarness.open(
      fromIterable(async function* () {
        yield 1;
        await new Promise(() => {});
      }),
    );
    await harness.toCount(1);
    expect(harness.poll()).toBe("waiting");

    await harness.close();

    expect(harness.events).toEqual([1]);
  });

  test("is told when the source is closed before its end", async () => {
    let returned = false;
    const harness = await SourceHarness.open(
      fromIterable(async function* () {
        try {
          for (let index = 0; index < 1e9; index += 1) yield index;
        } finally {
          returned = true;
        }
      }),
    );
    await harness.toCount(10);
    await settled();

    await harness.close();

    expect(returned).toBe(true);
  });
});

test.each([undefined, null, 7, {}])("refuses %j, which is no iterable", (value) => {
  expect(() => fromIterable(value as unknown as [])).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});

test("refuses a function that returns none, when it is opened", async () => {
  await expect(SourceHarness.open(fromIterable((() => 7) as unknown as () => []))).rejects.toMatchObject({
    code: "ERR_RT_OPTION",
  });
});
