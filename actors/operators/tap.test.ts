import { expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { tap } from "./tap.ts";

test("shows every event to the function and leaves the stream as it is", async () => {
  const seen: unknown[] = [];
  const harness = await OperatorHarness.open(
    tap((value: { id: number }) => {
      seen.push(value);
      return "not used" as never;
    }),
  );
  const event = { id: 1 };

  harness.feed([{ value: event }, { value: "b" }]);

  expect(harness.values()).toEqual([event, "b"]);
  expect(harness.values()[0]).toBe(event);
  expect(seen).toEqual([event, "b"]);
});

test("an event that the function throws at fails; one it answers with a promise does too", async () => {
  const failure = new Error("b");
  const spec = tap((value: string) => {
    if (value === "b") throw failure;
    if (value === "c") return Promise.reject(failure) as never;
  });

  const run = await expectSameInCuts(
    spec,
    ["a", "b", "c", "d"].map((value) => ({ value })),
  );

  expect(run.results.main?.map((result) => result.value)).toEqual(["a", "d"]);
  expect(run.deadLetters).toEqual([
    { value: "b", error: failure },
    { value: "c", error: expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }) },
  ]);
});

test("refuses what is no function, and async functions", () => {
  expect(() => tap(1 as never)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  expect(() => tap(async () => {})).toThrow(expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }));
});
