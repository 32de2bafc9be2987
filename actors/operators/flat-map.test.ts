import { describe, expect, test } from "vitest";
import { expansionEventsMax } from "../limits.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { flatMap } from "./flat-map.ts";

const numbers = Array.from({ length: 8 }, (_, index) => ({ value: index, time: 1_000 + index }));

test("replaces an event by the items of an array, which have its event time", async () => {
  const run = await expectSameInCuts(
    flatMap((value: number) => new Array<number>(value % 3).fill(value)),
    numbers,
  );

  expect(run.results.main).toEqual([1, 2, 2, 4, 5, 5, 7].map((value) => ({ value, time: 1_000 + value })));
});

test.each([
  ["a set", new Set(["a", "b"])],
  ["a map", new Map([["a", 1]])],
  ["a string", "ab"],
])("takes %s for an iterable", async (_what, iterable) => {
  const harness = await OperatorHarness.open(flatMap(() => iterable as Iterable<unknown>));

  harness.feed([{ value: 0 }]);

  expect(harness.values()).toEqual([...iterable]);
});

test("an event that fails in the middle of a generator leaves none of its items behind", async () => {
  const failure = new Error("half way");
  const spec = flatMap(function* (value: number) {
    yield value;
    if (value % 3 === 0) throw failure;
    yield -value;
  });

  const run = await expectSameInCuts(spec, numbers);

  expect(run.results.main?.map((result) => result.value)).toEqual([1, -1, 2, -2, 4, -4, 5, -5, 7, -7]);
  expect(run.deadLetters).toEqual([0, 3, 6].map((value) => ({ value, error: failure })));
});

describe("the bound on items", () => {
  test("an endless generator fails its event and is closed", async () => {
    let closed = 0;
    let made = 0;
    function* endless() {
      try {
        for (;;) yield made++;
      } finally {
        closed += 1;
      }
    }
    const harness = await OperatorHarness.open(
      flatMap<number, unknown>((value) => (value === 1 ? endless() : [value])),
    );

    harness.feed([{ value: 0 }, { value: 1 }, { value: 2 }]);

    expect(harness.values()).toEqual([0, 2]);
    expect([made, closed]).toEqual([expansionEventsMax + 1, 1]);
    expect(harness.deadLetters).toEqual([
      { value: 1, error: expect.objectContaining({ code: "ERR_ACT_EXPANSION_TOO_LARGE" }) },
    ]);
  });

  test("an array is allowed up to the bound and not beyond", async () => {
    const harness = await OperatorHarness.open(flatMap((length: number) => new Array<number>(length).fill(0)));

    harness.feed([{ value: expansionEventsMax }, { value: expansionEventsMax + 1 }]);

    expect(harness.values().length).toBe(expansionEventsMax);
    expect(harness.deadLetters).toEqual([
      {
        value: expansionEventsMax + 1,
        error: expect.objectContaining({
          code: "ERR_ACT_EXPANSION_TOO_LARGE",
          message: "flatMap: one event has 1000001 results, at most 1000000 are allowed",
        }),
      },
    ]);
  });
});

test.each([
  [undefined, "ERR_RT_OPTION"],
  [null, "ERR_RT_OPTION"],
  [7, "ERR_RT_OPTION"],
  [{ length: 1 }, "ERR_RT_OPTION"],
  [Promise.resolve([]), "ERR_ACT_ASYNC_FUNCTION"],
])("an event fails for which %s is returned", async (returned, code) => {
  const harness = await OperatorHarness.open(flatMap(() => returned as never));

  harness.feed([{ value: "a" }]);

  expect(harness.values()).toEqual([]);
  expect(harness.deadLetters).toEqual([{ value: "a", error: expect.objectContaining({ code }) }]);
});

test("refuses functions that return promises or async iterables", () => {
  const asyncFunction = expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" });

  expect(() => flatMap((async () => []) as never)).toThrow(asyncFunction);
  expect(() => flatMap(async function* () {} as never)).toThrow(asyncFunction);
  expect(() => flatMap([] as never)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});
