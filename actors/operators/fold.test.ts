import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OperatorSpec } from "../operator.ts";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import { betweenEvents, HarnessOutput } from "../testing/harness-output.ts";
import { type HarnessEvent, type HarnessRun, OperatorHarness } from "../testing/operator-harness.ts";
import { count } from "./count.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { runInCuts } from "./fixtures/run-in-cuts.ts";
import type { Emission } from "./fold.ts";
import { reduce } from "./reduce.ts";
import { scan } from "./scan.ts";

const failure = new Error("poison");

/** The sum of each key; -1 is poison. */
const sum = (emit: Emission): OperatorSpec =>
  scan(
    () => 0,
    (state: number, value: number) => {
      if (value === -1) throw failure;
      return state + value;
    },
    { emit },
  );

/** `a1 b2 a!`: key, value, and a poisoned event; event times count up from 1000. */
function script(text: string): HarnessEvent[] {
  return text.split(" ").map((word, index) => ({
    key: word[0] as string,
    value: word[1] === "!" ? -1 : Number(word.slice(1)),
    time: 1_000 + index,
  }));
}

function printed(run: HarnessRun): string {
  const results = run.results.main as unknown as { value: { key: string; value: number }; time: number }[];
  return results.map(({ value, time }) => `${value.key}${value.value}@${time - 1_000}`).join(" ");
}

describe("scan on a keyed stream", () => {
  test('tells the state after each event with "each"', async () => {
    const run = await expectSameInCuts(sum("each"), script("a1 b2 a! a3 b4 c!"));

    expect(printed(run)).toBe("a1@0 b2@1 a4@3 b6@4");
    expect(run.deadLetters).toEqual([
      { value: -1, error: failure },
      { value: -1, error: failure },
    ]);
  });

  test('tells each key once at the end of the stream with "end", with the time of its newest event', async () => {
    const run = await expectSameInCuts(sum("end"), script("a1 b2 a3 c! b!"));

    expect(printed(run)).toBe("a4@2 b2@1");
  });

  test.each<Emission>(["each", "batch", "end"])('of many keys tells with "%s" what it tells of few', async (emit) => {
    const events = script("a1 b2 a3 c4 a! b5 d6 a7 d8 c9 e1 b2 a3 e4 d5");
    for (const cut of [1, 4, 15]) {
      const few = printed(await runInCuts(sum(emit), events, [cut]));
      for (const keysMax of [0, 1, 3]) {
        const many = await withObjectKeysMax(keysMax, () => runInCuts(sum(emit), events, [cut]));
        expect(printed(many)).toBe(few);
      }
    }
  });

  describe('with "batch"', () => {
    test("tells each key once per batch, with the time of its newest event", async () => {
      const run = await runInCuts(sum("batch"), script("a1 b2 a3 c4 b5 b6"), [3]);

      expect(printed(run)).toBe("a4@2 b2@1 c4@3 b13@5");
    });

    test.each(["a1 b2 a! a3", "a! a1 b2 a3", "a1 b2 a3 a!", "a1 a! b! b2 c! a3 c!"])(
      "tells the keys of a batch though events of it failed: %s",
      async (text) => {
        const run = await runInCuts(sum("batch"), script(text), [100]);

        expect(printed(run).replaceAll(/@\d/g, "")).toBe("a4 b2");
        expect(run.results.main?.map((result) => result.time)).toEqual([
          1_000 + text.split(" ").indexOf("a3"),
          1_000 + text.split(" ").indexOf("b2"),
        ]);
      },
    );

    test("tells at the end what a cell did not ask for behind a failed last event", async () => {
      const harness = await OperatorHarness.open(sum("each"));
      const logic = sum("batch").create();
      const output = new HarnessOutput(1);
      const batch = { values: [1, -1], times: [1_000, 1_001], keys: ["a", "a"] };
      await logic.open?.(harness.context);

      expect(() => output.during({ batch, from: 0, to: 2 }, () => logic.onBatch(batch, 0, 2, output))).toThrow(failure);
      output.takeBack();
      output.during(betweenEvents, () => void logic.onEnd?.(output));

      expect(output.results(0)).toEqual([{ value: { key: "a", value: 1 }, time: 1_000 }]);
    });

    test("says nothing of a key whose only event in the batch failed", async () => {
      const run = await runInCuts(sum("batch"), script("a1 b2 a! b3"), [2]);

      expect(printed(run)).toBe("a1@0 b2@1 b5@3");
    });

    test("ends with the same states however the events are cut", async () => {
      const events = fc.array(
        fc.record({ key: fc.constantFrom("a", "b", "c"), value: fc.integer({ min: -1, max: 5 }) }),
        { maxLength: 30 },
      );
      await fc.assert(
        fc.asyncProperty(events, async (input) => {
          const lastPerKey = (run: HarnessRun) =>
            Object.fromEntries(
              (run.results.main ?? []).map(({ value }) => Object.values(value as object)).map(([k, v]) => [k, v]),
            );

          const run = await expectSameInCuts(sum("batch"), input, lastPerKey);

          const expected: Record<string, number> = {};
          for (const { key, value } of input) if (value !== -1) expected[key] = (expected[key] ?? 0) + value;
          expect(lastPerKey(run)).toEqual(expected);
        }),
        { numRuns: 20, seed: 1 },
      );
    });
  });

  test("gives each key a state of its own, and asks for it only at the first event that succeeds", async () => {
    let seeds = 0;
    const spec = scan(
      () => {
        seeds += 1;
        return [] as readonly number[];
      },
      (state, value: number) => [...state, value],
    );
    const harness = await OperatorHarness.open(spec);

    harness.feed(script("a1 b2 a3"));

    expect(harness.values()).toEqual([
      { key: "a", value: [1] },
      { key: "b", value: [2] },
      { key: "a", value: [1, 3] },
    ]);
    expect(seeds).toBe(2);
  });

  test("tells apart keys of different types, and tells them as they are", async () => {
    const harness = await OperatorHarness.open(count());

    harness.feed([1, "1", 1n, true, 1, -0, 0].map((key) => ({ value: "x", key })));

    expect(harness.values()).toEqual([
      { key: 1, count: 1 },
      { key: "1", count: 1 },
      { key: 1n, count: 1 },
      { key: true, count: 1 },
      { key: 1, count: 2 },
      { key: -0, count: 1 },
      { key: expect.toSatisfy((key) => key === 0), count: 2 },
    ]);
  });

  test("knows key and time of the event in the function", async () => {
    const harness = await OperatorHarness.open(
      scan(
        () => "",
        (_state, _value, context) => `${context.key}@${context.time}`,
      ),
    );

    harness.feed([{ value: 1, key: "k", time: 5 }]);

    expect(harness.values()).toEqual([{ key: "k", value: "k@5" }]);
  });
});

describe("on a stream without keys", () => {
  const events = [1, 2, -1, 4].map((value, index) => ({ value, time: 1_000 + index }));

  test("the instance has one state, told as it is", async () => {
    expect((await expectSameInCuts(sum("each"), events)).results.main).toEqual([
      { value: 1, time: 1_000 },
      { value: 3, time: 1_001 },
      { value: 7, time: 1_003 },
    ]);
    expect((await expectSameInCuts(sum("end"), events)).results.main).toEqual([{ value: 7, time: 1_003 }]);
    expect((await runInCuts(sum("batch"), events, [2])).results.main).toEqual([
      { value: 3, time: 1_001 },
      { value: 7, time: 1_003 },
    ]);
    expect((await expectSameInCuts(count({ emit: "end" }), events)).results.main).toEqual([{ value: 4, time: 1_003 }]);
  });

  test.each<Emission>(["each", "batch", "end"])('a stream without events has no result with "%s"', async (emit) => {
    expect((await runInCuts(count({ emit }), [], [1])).results.main).toEqual([]);
  });
});

describe("reduce", () => {
  test("begins with the first event of a key, whatever it is", async () => {
    const spec = reduce((state: unknown, value: unknown) => [state, value]);
    const events = [undefined, "x", null].map((value) => ({ value, key: "k" }));

    const run = await expectSameInCuts(spec, events);

    expect(run.results.main?.map((result) => result.value)).toEqual([
      { key: "k", value: undefined },
      { key: "k", value: [undefined, "x"] },
      { key: "k", value: [[undefined, "x"], null] },
    ]);
  });
});

describe("count", () => {
  test("counts per key", async () => {
    const run = await expectSameInCuts(count({ emit: "end" }), script("a1 b1 a1 a1"));

    expect(run.results.main?.map((result) => result.value)).toEqual([
      { key: "a", count: 3 },
      { key: "b", count: 1 },
    ]);
  });
});

test("a restart begins with empty state: instances share nothing", async () => {
  const spec = count();
  const first = await OperatorHarness.open(spec);
  first.feed(script("a1 a1"));
  const second = await OperatorHarness.open(spec);

  second.feed(script("a1"));

  expect(second.values()).toEqual([{ key: "a", count: 1 }]);
});

describe("functions that answer with a promise", () => {
  const asyncFunction = expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" });

  test("fail the event and leave the state as it was", async () => {
    const spec = scan(
      () => 0,
      (state: number, value: number) => (value === 2 ? Promise.resolve(9) : state + value) as number,
    );
    const harness = await OperatorHarness.open(spec);

    harness.feed(script("a1 a2 a3"));

    expect(harness.values().map((result) => (result as { value: number }).value)).toEqual([1, 4]);
    expect(harness.deadLetters).toEqual([{ value: 2, error: asyncFunction }]);
  });

  test("fail every event when it is the seed", async () => {
    const harness = await OperatorHarness.open(
      scan(
        () => Promise.resolve(0) as never,
        () => 0,
      ),
    );

    harness.feed(script("a1 a2"));

    expect(harness.values()).toEqual([]);
    expect(harness.deadLetters.map((letter) => letter.error)).toEqual([asyncFunction, asyncFunction]);
  });

  test("are refused when the job is built", () => {
    expect(() => reduce(async () => 0)).toThrow(asyncFunction);
    expect(() =>
      scan(
        async () => 0,
        () => Promise.resolve(0),
      ),
    ).toThrow(asyncFunction);
    expect(() => scan(() => 0, (async () => 0) as never)).toThrow(asyncFunction);
  });
});

test("refuses emissions and functions that are none", () => {
  expect(() => count({ emit: "always" as never })).toThrow(
    expect.objectContaining({
      code: "ERR_RT_OPTION",
      message: 'count: emit: expected "each", "batch" or "end", got "always"',
    }),
  );
  expect(() => scan(0 as never, () => 0)).toThrow(
    expect.objectContaining({ message: "scan: seed: expected a function, got 0" }),
  );
  expect(() => reduce(null as never)).toThrow(
    expect.objectContaining({ message: "reduce: expected a function, got null" }),
  );
});
