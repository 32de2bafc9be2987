import { describe, expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { type SplitRule, split } from "./split.ts";

const numbers = Array.from({ length: 12 }, (_, index) => ({ value: index, time: 1_000 + index }));

test("sends each event to the first output that accepts it, the others to the one that says otherwise", async () => {
  const failure = new Error("eleven");
  const spec = split({
    rest: "otherwise",
    sixes: (value: number) => {
      if (value === 11) throw failure;
      return value % 6 === 0;
    },
    evens: (value: number) => value % 2 === 0,
  });

  const run = await expectSameInCuts(spec, numbers);

  const at = (values: number[]) => values.map((value) => ({ value, time: 1_000 + value }));
  expect(spec.outputs).toEqual(["rest", "sixes", "evens"]);
  expect(run).toEqual({
    results: { rest: at([1, 3, 5, 7, 9]), sixes: at([0, 6]), evens: at([2, 4, 8, 10]) },
    deadLetters: [{ value: 11, error: failure }],
  });
});

describe("without an output that says otherwise", () => {
  test("an event that nobody accepts becomes a dead letter", async () => {
    const run = await expectSameInCuts(split({ evens: (value: number) => value % 2 === 0 }), numbers.slice(0, 3));

    expect(run.results.evens?.map((result) => result.value)).toEqual([0, 2]);
    expect(run.deadLetters).toEqual([{ value: 1, error: expect.objectContaining({ code: "ERR_ACT_UNMATCHED" }) }]);
  });

  test("an event that nobody accepts leaves no trace when it is to be dropped", async () => {
    const run = await expectSameInCuts(
      split({ evens: (value: number) => value % 2 === 0 }, { unmatched: "drop" }),
      numbers.slice(0, 3),
    );

    expect(run.results.evens?.map((result) => result.value)).toEqual([0, 2]);
    expect(run.deadLetters).toEqual([]);
  });
});

test("an event fails for which a predicate answers with a promise", async () => {
  const harness = await OperatorHarness.open(split({ a: () => Promise.resolve(false), b: "otherwise" }));

  harness.feed([{ value: 1 }]);

  expect(harness.results()).toEqual({ a: [], b: [] });
  expect(harness.deadLetters).toEqual([
    { value: 1, error: expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }) },
  ]);
});

test.each<[string, unknown, string]>([
  ["no outputs", {}, "ERR_RT_OPTION"],
  ["no object", undefined, "ERR_RT_OPTION"],
  ["two that say otherwise", { a: "otherwise", b: "otherwise" }, "ERR_RT_OPTION"],
  ["a rule that is no predicate", { a: true }, "ERR_RT_OPTION"],
  ["a name that cannot be one", { "a b": "otherwise" }, "ERR_RT_OPTION"],
  ["a name that changes the order", { b: () => true, 1: () => true }, "ERR_RT_OPTION"],
  ["an async predicate", { a: async () => true }, "ERR_ACT_ASYNC_FUNCTION"],
])("refuses %s", (_what, rules, code) => {
  expect(() => split(rules as Record<string, SplitRule<unknown>>)).toThrow(expect.objectContaining({ code }));
});

test("refuses an unknown fate of unmatched events", () => {
  expect(() => split({ a: "otherwise" }, { unmatched: "forget" as never })).toThrow(
    expect.objectContaining({
      code: "ERR_RT_OPTION",
      message: 'split: unmatched: expected "dead-letter" or "drop", got "forget"',
    }),
  );
});
