import { expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { EventContext } from "./event-context.ts";
import { filter } from "./filter.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";

const numbers = Array.from({ length: 20 }, (_, index) => ({ value: index, time: 1_000 + index }));

test("keeps what the predicate accepts, failing events aside", async () => {
  const failure = new Error("three");
  const spec = filter((value: number) => {
    if (value === 3) throw failure;
    return value % 3 === 0;
  });

  const run = await expectSameInCuts(spec, numbers);

  expect(run.results.main).toEqual([0, 6, 9, 12, 15, 18].map((value) => ({ value, time: 1_000 + value })));
  expect(run.deadLetters).toEqual([{ value: 3, error: failure }]);
});

test("takes truthy answers for yes and others for no", async () => {
  const harness = await OperatorHarness.open(filter((value: unknown) => value));

  harness.feed([1, 0, "a", "", null, undefined, Number.NaN, {}].map((value) => ({ value })));

  expect(harness.values()).toEqual([1, "a", {}]);
});

test("an event fails for which the predicate answers with a promise, which would be a yes", async () => {
  const harness = await OperatorHarness.open(filter((value: number) => (value === 1 ? Promise.resolve(false) : true)));

  harness.feed([{ value: 0 }, { value: 1 }]);

  expect(harness.values()).toEqual([0]);
  expect(harness.deadLetters).toEqual([
    { value: 1, error: expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }) },
  ]);
});

test("the predicate may ask for time and key", async () => {
  const harness = await OperatorHarness.open(
    filter((_value: string, context: EventContext) => context.time === 2 && context.key === "k"),
  );

  harness.feed([
    { value: "a", time: 1, key: "k" },
    { value: "b", time: 2, key: "k" },
    { value: "c", time: 2, key: "l" },
  ]);

  expect(harness.values()).toEqual(["b"]);
});

test("refuses what is no predicate", () => {
  expect(() => filter(undefined as never)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: "filter: expected a function, got undefined" }),
  );
  expect(() => filter(async () => true)).toThrow(expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }));
});
