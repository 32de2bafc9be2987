import { describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { iterableReadAheadEventsMax } from "../limits.ts";
import { SourceDriver } from "../testing/source-driver.ts";
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

  test("an iterator is read once: a second incarnation fails instead of losing what the first one took", async () => {
    const spec = fromIterable([1, 2, 3].values());
    const first = await SourceDriver.open(spec);
    await first.toCount(1);
    await first.close();

    await expect(SourceDriver.open(spec)).rejects.toMatchObject({ code: "ERR_ACT_SOURCE_CONSUMED" });
  });

  test("an iterator is not shared", async () => {
    await expect(SourceDriver.open(fromIterable([1].values()), { parallelism: 2 })).rejects.toMatchObject({
      code: "ERR_ACT_PARALLELISM",
    });
  });

  test("an iterable that has become shorter than the position fails", async () => {
    await expect(
      SourceDriver.readAll(
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
    const driver = await SourceDriver.open(fromIterable(() => numbers(state)));
    await driver.toCount(3);

    await driver.close();

    expect(state.returned).toBe(true);
  });

  test("that throws fails the source, and is over then", async () => {
    const error = new Error("broken");
    const spec = fromIterable(function* () {
      yield 1;
      throw error;
    });
    const driver = await SourceDriver.open(spec);

    await expect(driver.toEnd()).rejects.toBe(error);

    expect(driver.events).toEqual([1]);
    expect(driver.poll()).toBe("end");
  });

  test("that has endless values which belong to other instances still lets others run", async () => {
    const driver = await SourceDriver.open(
      fromIterable(() => numbers()),
      { instance: 0, parallelism: 1_000_000 },
    );

    expect(driver.poll(1)).toBe("more");
    expect(driver.poll(1)).toBe("more");
    expect(driver.events).toEqual([0]);
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
    const driver = await SourceDriver.open(fromIterable(endless));

    expect(driver.poll()).toBe("waiting");
    for (let turn = 0; turn < 20; turn += 1) await settled();
    expect(nextCount).toBe(iterableReadAheadEventsMax);

    await driver.toCount(5_000);
    expect(driver.events).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1));
    await driver.close();
  });

  test("that rejects fails the source behind the values before", async () => {
    const error = new Error("broken");
    const driver = await SourceDriver.open(
      fromIterable(async function* () {
        yield 1;
        yield 2;
        throw error;
      }),
    );

    await expect(driver.toEnd()).rejects.toBe(error);
    expect(driver.events).toEqual([1, 2]);
  });

  test("that hangs does not hold up closing", async () => {
    const driver = await SourceDriver.open(
      fromIterable(async function* () {
        yield 1;
        await new Promise(() => {});
      }),
    );
    await driver.toCount(1);
    expect(driver.poll()).toBe("waiting");

    await driver.close();

    expect(driver.events).toEqual([1]);
  });

  test("is told when the source is closed before its end", async () => {
    let returned = false;
    const driver = await SourceDriver.open(
      fromIterable(async function* () {
        try {
          for (let index = 0; index < 1e9; index += 1) yield index;
        } finally {
          returned = true;
        }
      }),
    );
    await driver.toCount(10);
    await settled();

    await driver.close();

    expect(returned).toBe(true);
  });
});

test.each([undefined, null, 7, {}])("refuses %j, which is no iterable", (value) => {
  expect(() => fromIterable(value as unknown as [])).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});

test("refuses a function that returns none, when it is opened", async () => {
  await expect(SourceDriver.open(fromIterable((() => 7) as unknown as () => []))).rejects.toMatchObject({
    code: "ERR_RT_OPTION",
  });
});
