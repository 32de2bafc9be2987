import { describe, expect, test } from "vitest";
import type { Directive } from "../../runtime/index.ts";
import type { OperatorLogic } from "../operator.ts";
import { filter } from "../operators/filter.ts";
import { map } from "../operators/map.ts";
import { split } from "../operators/split.ts";
import { tap } from "../operators/tap.ts";
import { TestContext } from "../testing/test-context.ts";
import { mapping } from "./fixtures/cell-driver.ts";
import { OperatorStage } from "./operator-stage.ts";

const timed = (...values: unknown[]) => ({ values, times: values.map((_, index) => 100 + index), keys: undefined });

async function stageOf(create: () => OperatorLogic, decide: Directive = "resume", outputs = ["main"]) {
  const deadLetters: unknown[] = [];
  const address = { path: "millrace://test/job/under-test/0", host: 0 };
  const spec = { kind: "test", outputs, create };
  const stage = new OperatorStage(
    { name: "under-test", address, spec, chainedOutput: undefined, replay: undefined, decide: () => decide },
    new Int32Array(1),
    (value) => void deadLetters.push(value),
  );
  await stage.open(new TestContext());
  return { stage, deadLetters };
}

/** Emits each event twice, and fails at "bad" between the two. */
const twice = (): OperatorLogic => ({
  onBatch({ values }, from, to, output) {
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      output.emit(values[index]);
      if (values[index] === "bad") throw new Error("bad");
      output.emitTo(1, values[index]);
    }
  },
});

const failAtBad = (value: string): string => {
  if (value === "bad") throw new Error("bad");
  return value;
};

describe("an operator that fails at an event", () => {
  test("leaves no result of it on any output, and keeps the times of the events behind it (S1)", async () => {
    const { stage, deadLetters } = await stageOf(twice, "resume", ["main", "copy"]);

    stage.take(timed("a", "bad", "b"), 0, 3);

    const expected = { values: ["a", "b"], times: [100, 102], keys: undefined };
    expect([stage.takeResults(0), stage.takeResults(1)]).toEqual([expected, expected]);
    expect(deadLetters).toEqual(["bad"]);
    expect(stage.counters).toEqual({ in: 3, out: 4, deadLetters: 1, late: 0, early: 0 });
  });

  test.each([
    ["map", map((value: string) => failAtBad(value).toUpperCase()), ["A", "B"]],
    ["filter", filter((value: string) => failAtBad(value) !== "none"), ["a", "b"]],
    ["tap", tap(failAtBad), ["a", "b"]],
    ["split", split({ all: (value: string) => failAtBad(value) !== "" }), ["a", "b"]],
  ])(
    "leaves no result of it where results come all at once, and keeps those before it: %s",
    async (_kind, spec, values) => {
      const { stage, deadLetters } = await stageOf(spec.create);

      stage.take(timed("a", "bad", "b"), 0, 3);

      expect(stage.takeResults(0)).toEqual({ values, times: [100, 102], keys: undefined });
      expect(deadLetters).toEqual(["bad"]);
      expect(stage.counters).toEqual({ in: 3, out: 2, deadLetters: 1, late: 0, early: 0 });
    },
  );

  test.each([
    ["map", map((value: unknown) => value)],
    ["filter", filter(() => true)],
    ["tap", tap(() => undefined)],
    ["split", split({ all: () => true })],
  ])("gives up each event that has no event time behind those that have one: %s", async (_kind, spec) => {
    const { stage, deadLetters } = await stageOf(spec.create);
    stage.take(timed("a"), 0, 1);

    stage.take({ values: ["b", "c"], times: undefined, keys: undefined }, 0, 2);

    expect(stage.takeResults(0)).toEqual({ values: ["a"], times: [100], keys: undefined });
    expect(deadLetters).toEqual(["b", "c"]);
  });

  test("is asked for what it owes of the events before, also when the last one failed", async () => {
    const asked: [number, number][] = [];
    const { stage } = await stageOf(() => ({
      onBatch({ values }, from, to, output) {
        asked.push([from, to]);
        for (let index = from; index < to; index += 1) {
          output.begin(index);
          if (values[index] === "bad") throw new Error("bad");
        }
        output.emit("results of a batch", 1);
      },
    }));

    stage.take(timed("a", "bad"), 0, 2);

    expect(asked).toEqual([
      [0, 2],
      [2, 2],
    ]);
    expect(stage.takeResults(0)?.values).toEqual(["results of a batch"]);
  });

  test.each(["restart", "stop", "escalate"] as const)(
    "and is to %s keeps the events behind it in hand",
    async (directive) => {
      const { stage, deadLetters } = await stageOf(twice, directive, ["main", "copy"]);

      expect(() => stage.take(timed("a", "bad", "b", "c"), 0, 4)).toThrow(
        expect.objectContaining({ code: "ERR_ACT_OPERATOR_FAILED", directive }),
      );

      expect(stage.ready).toBe(false);
      expect(stage.quiet).toBe(false);
      expect(deadLetters).toEqual(directive === "restart" ? ["bad"] : []);
      await stage.startOver(new TestContext());
      expect(stage.takeRest()).toBe(true);
      expect(stage.takeResults(0)?.values).toEqual(["a", "b", "c"]);
    },
  );

  test("fails as an operator, and not an event, when it throws with no event in hand", async () => {
    const { stage, deadLetters } = await stageOf(() => ({
      onBatch(_batch, from, to, output) {
        if (from === to) throw new Error("nothing owed");
        output.begin(to - 1);
        throw new Error("last");
      },
    }));

    expect(() => stage.take(timed("a"), 0, 1)).toThrow("nothing owed");
    expect(deadLetters).toEqual(["a"]);
  });
});

test("an operator that takes fewer events than it was given gets the others when it is ready again", async () => {
  let room = 2;
  const { stage } = await stageOf(() => ({
    ready: () => room > 0,
    onBatch({ values }, from, to, output) {
      let index = from;
      for (; index < to && room > 0; index += 1, room -= 1) {
        output.begin(index);
        output.emit(values[index]);
      }
      return index;
    },
  }));

  stage.take(timed(1, 2, 3, 4, 5), 0, 5);
  expect([stage.ready, stage.takeRest(), stage.counters.in]).toEqual([false, false, 2]);

  room = 10;
  expect(stage.takeRest()).toBe(true);
  expect(stage.takeResults(0)).toEqual({ values: [1, 2, 3, 4, 5], times: [100, 101, 102, 103, 104], keys: undefined });
});

test("event time waits behind what an operator has in hand, also when it starts over, and is told behind its results (S3)", async () => {
  let isReady = false;
  const { stage } = await stageOf(() => ({ ...twice(), ready: () => isReady }), "restart", ["main", "copy"]);
  expect(() => stage.take(timed("a", "bad", "b"), 0, 3)).toThrow(
    expect.objectContaining({ code: "ERR_ACT_OPERATOR_FAILED" }),
  );
  await stage.startOver(new TestContext());

  stage.onWatermark({ time: 102, isIdle: false });
  expect(stage.takeRest()).toBe(false);
  const told = () => [stage.takeWatermark("before results"), stage.takeWatermark("behind results")];
  expect(told()).toEqual([undefined, undefined]);

  isReady = true;
  expect(stage.takeRest()).toBe(true);
  expect(stage.takeResults(0)?.values).toEqual(["a", "b"]);
  expect(told()).toEqual([undefined, { time: 102, isIdle: false }]);
});

test("an operator takes nothing on top of what it has in hand (K1)", async () => {
  const { stage } = await stageOf(() => ({ ready: () => false, onBatch: (_batch, from) => from }));
  stage.take(timed(1), 0, 1);

  expect(() => stage.take(timed(2), 0, 1)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
});

test("an event that cannot be handed on is given up, or fails the operator where that is to stop", async () => {
  const resuming = await stageOf(() => mapping((value) => value));
  resuming.stage.refuse("event", new Error("no target"));
  expect(resuming.deadLetters).toEqual(["event"]);

  const stopping = await stageOf(() => mapping((value) => value), "stop");
  expect(() => stopping.stage.refuse("event", new Error("no target"))).toThrow(
    expect.objectContaining({ code: "ERR_ACT_OPERATOR_FAILED" }),
  );
});

test("a snapshot gets so many bytes as those before it in the chain have left", async () => {
  const { stage } = await stageOf(
    () => ({ onBatch: () => undefined, snapshot: () => [["text", "k", true, "x".repeat(100)]] }),
    "restart",
  );

  expect(stage.snapshot(1, 200)?.byteLength).toBeLessThan(200);
  expect(() => stage.snapshot(2, 50)).toThrow(
    expect.objectContaining({
      code: "ERR_ACT_OPERATOR_FAILED",
      cause: expect.objectContaining({ code: "ERR_ACT_SNAPSHOT_TOO_LARGE" }),
    }),
  );
});
