import { describe, expect, test } from "vitest";
import { virtualWallStartMs } from "../../runtime/index.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { EventContext } from "./event-context.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { map } from "./map.ts";

const numbers = Array.from({ length: 20 }, (_, index) => ({ value: index, time: 1_000 + index }));

test("replaces each event, which keeps its event time", async () => {
  const run = await expectSameInCuts(
    map((value: number) => value * 2),
    numbers,
  );

  expect(run.results.main).toEqual(numbers.map(({ value, time }) => ({ value: value * 2, time })));
  expect(run.deadLetters).toEqual([]);
});

test("goes on behind an event that fails, and the event leaves nothing behind", async () => {
  const failure = new Error("seven");
  const spec = map((value: number) => {
    if (value % 7 === 0) throw failure;
    return value;
  });

  const run = await expectSameInCuts(spec, numbers);

  expect(run.results.main?.map((result) => result.value)).toEqual(
    numbers.map((event) => event.value).filter((value) => value % 7 !== 0),
  );
  expect(run.deadLetters).toEqual([0, 7, 14].map((value) => ({ value, error: failure })));
});

test("tells the function the time and the key of the event, and where it runs", async () => {
  const harness = await OperatorHarness.open(
    map((value: string, context: EventContext) => [
      value,
      context.time,
      context.key,
      context.instance,
      context.operator,
      context.clock.wallMs(),
    ]),
  );

  harness.feed([
    { value: "a", time: 5, key: "k" },
    { value: "b", time: 6, key: 1n },
  ]);

  expect(harness.values()).toEqual([
    ["a", 5, "k", 0, "under-test", virtualWallStartMs],
    ["b", 6, 1n, 0, "under-test", virtualWallStartMs],
  ]);
});

test("lets the function give an event up as a dead letter of its own", async () => {
  const harness = await OperatorHarness.open(
    map((value: string, context: EventContext) => context.deadLetter(value, "not wanted")),
  );

  harness.feed([{ value: "a" }]);

  expect(harness.deadLetters).toEqual([{ value: "a", error: "not wanted" }]);
});

describe("functions that it refuses", () => {
  test("when the job is built: what is no function, and async functions", () => {
    expect(() => map("x" as never)).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION", message: 'map: expected a function, got "x"' }),
    );
    expect(() => map(async (value: number) => value)).toThrow(
      expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION", message: expect.stringContaining("mapAsync") }),
    );
  });

  test("when it turns up: a promise fails the event", async () => {
    const harness = await OperatorHarness.open(
      map((value: number) => (value === 1 ? Promise.reject(new Error("unseen")) : value)),
    );

    harness.feed([{ value: 0 }, { value: 1 }, { value: 2 }]);

    expect(harness.values()).toEqual([0, 2]);
    expect(harness.deadLetters).toEqual([
      { value: 1, error: expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }) },
    ]);
  });
});
