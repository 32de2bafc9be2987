import { describe, expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { expectSameInCuts } from "./fixtures/expect-same-in-cuts.ts";
import { type ProcessOperator, process } from "./process.ts";
import type { ProcessContext } from "./process-context.ts";

const failure = new Error("poison");

/** Passes on the difference to the event before; large ones also go to "jumps", the last value at the end. */
class Differences implements ProcessOperator<number, number> {
  #last = 0;

  onEvent(event: number, context: ProcessContext<number>): void {
    context.emit(event - this.#last);
    if (event === 13) throw failure;
    if (event - this.#last > 5) context.emitTo("jumps", { event, at: context.time });
    this.#last = event;
  }

  onMessage(message: unknown, context: ProcessContext<number>): unknown {
    if (message === "flush") context.emit(this.#last, 9_999);
    return { last: this.#last, message };
  }

  onEnd(context: ProcessContext<number>): void {
    context.emit(this.#last, 10_000);
  }
}

const numbers = [1, 13, 3, 10, 11].map((value, index) => ({ value, time: 1_000 + index }));

test("runs a class with its own state, outputs and end", async () => {
  const spec = process(Differences, { outputs: ["jumps"] });

  const run = await expectSameInCuts(spec, numbers);

  expect(spec.outputs).toEqual(["main", "jumps"]);
  expect(run).toEqual({
    results: {
      main: [
        { value: 1, time: 1_000 },
        { value: 2, time: 1_002 },
        { value: 7, time: 1_003 },
        { value: 1, time: 1_004 },
        { value: 11, time: 10_000 },
      ],
      jumps: [{ value: { event: 10, at: 1_003 }, time: 1_003 }],
    },
    deadLetters: [{ value: 13, error: failure }],
  });
});

test("answers messages between batches, and may put out results with them", async () => {
  const harness = await OperatorHarness.open(process(Differences, { outputs: ["jumps"] }));
  harness.feed(numbers.slice(0, 1));

  const answer = harness.tell("flush");

  expect(answer).toEqual({ last: 1, message: "flush" });
  expect(harness.results().main).toEqual([
    { value: 1, time: 1_000 },
    { value: 1, time: 9_999 },
  ]);
});

test("takes no messages when the operator has no onMessage", async () => {
  const spec = process(() => ({ onEvent() {} }));
  const logic = spec.create();
  const harness = await OperatorHarness.open(spec);

  await logic.open?.(harness.context);

  expect(logic.onMessage).toBe(undefined);
});

test("makes one operator per instance, by a class or a function", async () => {
  let made = 0;
  const spec = process(() => {
    made += 1;
    const own = made;
    return { onEvent: (_event: string, context: ProcessContext<number>) => context.emit(own) };
  });

  const first = await OperatorHarness.open(spec);
  const second = await OperatorHarness.open(spec);
  first.feed([{ value: "a" }]);
  second.feed([{ value: "a" }]);

  expect(first.values()).toEqual([1]);
  expect(second.values()).toEqual([2]);
});

test("opens, tells key and place, and closes", async () => {
  const log: unknown[] = [];
  const harness = await OperatorHarness.open(
    process(() => ({
      async open(context) {
        await undefined;
        log.push(["open", context.operator, context.instance, context.key, context.time]);
      },
      onEvent(event: string, context) {
        log.push([event, context.key, context.time]);
      },
      onEnd(context) {
        log.push(["end", context.key, context.time]);
      },
      async close() {
        log.push("close");
      },
    })),
  );

  harness.feed([{ value: "a", key: "k", time: 5 }]);
  await harness.end();

  expect(log).toEqual([
    ["open", "under-test", 0, undefined, undefined],
    ["a", "k", 5],
    ["end", undefined, undefined],
    "close",
  ]);
});

describe("results that nobody takes", () => {
  test("fail the event when they are for an output that was not declared", async () => {
    const harness = await OperatorHarness.open(process(Differences));

    harness.feed([{ value: 10 }]);

    expect(harness.values()).toEqual([]);
    expect(harness.deadLetters).toEqual([
      {
        value: 10,
        error: expect.objectContaining({
          code: "ERR_ACT_OUTPUT_UNKNOWN",
          message: expect.stringContaining('has no output "jumps", only "main"'),
        }),
      },
    ]);
  });

  test("are refused outside the calls: in open, in a timer, behind an await", async () => {
    let kept: ProcessContext<number> | undefined;
    const harness = await OperatorHarness.open(
      process(() => ({
        onEvent(_event: number, context: ProcessContext<number>) {
          kept = context;
        },
        onMessage: () => "heard",
      })),
    );
    const outside = expect.objectContaining({ code: "ERR_ACT_EMIT_OUTSIDE" });

    await expect(
      OperatorHarness.open(process(() => ({ open: (context) => context.emit(1), onEvent() {} }))),
    ).rejects.toEqual(outside);
    harness.feed([{ value: 1 }]);
    expect(() => kept?.emit(1)).toThrow(outside);
    expect(() => kept?.emitTo("main", 1)).toThrow(outside);
    expect(harness.tell("x")).toBe("heard");
    expect(() => kept?.emit(1)).toThrow(outside);
  });

  test("are refused with a time that is none", async () => {
    const harness = await OperatorHarness.open(
      process(() => ({ onEvent: (event: number, context: ProcessContext<number>) => context.emit(event, event) })),
    );

    harness.feed([1, Number.NaN, Number.POSITIVE_INFINITY].map((value) => ({ value })));

    expect(harness.results().main).toEqual([{ value: 1, time: 1 }]);
    expect(harness.deadLetters.map((letter) => letter.error)).toEqual([
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    ]);
  });
});

describe("refuses when the job is built", () => {
  class NoOnEvent {}
  class FieldOnEvent {
    onEvent = () => {};
  }
  class AsyncOnEvent {
    async onEvent() {}
  }

  test.each<[string, unknown, unknown, string]>([
    ["a class without onEvent", NoOnEvent, [], "ERR_ACT_PROCESS"],
    ["a class with onEvent in a field, which nobody sees before it is made", FieldOnEvent, [], "ERR_ACT_PROCESS"],
    ["a class with an async onEvent", AsyncOnEvent, [], "ERR_ACT_ASYNC_FUNCTION"],
    ["an object, which instances would share", { onEvent() {} }, [], "ERR_RT_OPTION"],
    ["nothing", undefined, [], "ERR_RT_OPTION"],
    ["an async function", async () => ({ onEvent() {} }), [], "ERR_ACT_ASYNC_FUNCTION"],
    ["an output named main", Differences, ["main"], "ERR_RT_OPTION"],
    ["two outputs of one name", Differences, ["a", "a"], "ERR_RT_OPTION"],
    ["an output whose name is none", Differences, ["a b"], "ERR_RT_OPTION"],
    ["outputs that are no list", Differences, "jumps", "ERR_RT_OPTION"],
  ])("%s", (_what, maker, outputs, code) => {
    expect(() => process(maker as typeof Differences, { outputs: outputs as string[] })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe("an operator that cannot be made fails its instance, by name", () => {
  class Broken {
    constructor() {
      throw failure;
    }
    onEvent() {}
  }

  test("when its constructor throws", async () => {
    await expect(OperatorHarness.open(process(Broken))).rejects.toEqual(
      expect.objectContaining({
        code: "ERR_ACT_PROCESS",
        message: 'operator "under-test": class Broken could not make an operator: poison',
        cause: failure,
      }),
    );
  });

  test.each([undefined, 7, {}, { onEvent: 1 }])("when a function makes %s", async (made) => {
    await expect(OperatorHarness.open(process(() => made as never))).rejects.toEqual(
      expect.objectContaining({ code: "ERR_ACT_PROCESS", message: expect.stringContaining("has no method onEvent") }),
    );
  });

  test("and closing it afterwards is harmless", async () => {
    const logic = process(Broken).create();
    const harness = await OperatorHarness.open(process(Differences));

    expect(() => logic.open?.(harness.context)).toThrow(expect.objectContaining({ code: "ERR_ACT_PROCESS" }));

    expect(await logic.close?.()).toBe(undefined);
  });
});

test("an event fails for which onEvent returns a promise", async () => {
  const harness = await OperatorHarness.open(
    process(() => ({
      onEvent(event: number, context: ProcessContext<number>) {
        context.emit(event);
        if (event === 1) return Promise.reject(failure) as never;
      },
    })),
  );

  harness.feed([{ value: 0 }, { value: 1 }, { value: 2 }]);

  expect(harness.values()).toEqual([0, 2]);
  expect(harness.deadLetters).toEqual([
    { value: 1, error: expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }) },
  ]);
});
