import { describe, expect, test } from "vitest";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { broadcastRulesMax } from "../limits.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import { type BroadcastMaker, type BroadcastOperator, broadcast } from "./broadcast.ts";
import { rulesInOrder } from "./rules-in-order.ts";

type Rule = readonly [what: "set" | "delete" | "clear" | "fill" | "fail", key: string, text?: string];

/** Tells all rules, in their order, and how many events of the key there were. */
function teller(): BroadcastOperator<string, Rule, string> {
  return {
    onRule(rule, rules) {
      const [what, key] = rule;
      if (what === "set") rules.set(key, rule);
      else if (what === "delete") rules.delete(key);
      else if (what === "clear") rules.clear();
      else if (what === "fill")
        for (let number = 0; number < broadcastRulesMax; number += 1) rules.set(`${number}`, rule);
      else throw new RangeError(key);
    },
    onEvent(event, context, rules) {
      const count = context.state.value<number>("count", { initial: () => 0 });
      count.set(count.get() + 1);
      context.emit(`${event} ${count.get()}: ${[...rules.values()].map(([, key, text = key]) => text).join(" ")}`);
    },
  };
}

const open = (maker: BroadcastMaker<string, Rule, string> = teller, options: OperatorHarnessOptions = {}) =>
  OperatorHarness.open<string | Rule, string>(broadcast(maker, true), { guarantee: "exactly-once", ...options });

type Harness = Awaited<ReturnType<typeof open>>;

const rule = (harness: Harness, ...rules: readonly Rule[]) =>
  harness.feed(
    rules.map((value) => ({ value })),
    1,
  );
const event = (harness: Harness, value: string) => harness.feed([{ value, key: value }]);

/** Another operator goes on from the snapshots: `first`, and one of now. */
async function restored(harness: Harness, first: readonly StateEntry[]): Promise<Harness> {
  const deltas = [first, await harness.barrier(2)].map((entries) => encodeDelta("under test", entries));
  return open(teller, { restore: { entries: mergedEntries(deltas), epoch: 2 } });
}

test("events meet the rules that came before them, and state of their own", async () => {
  const harness = await open();

  event(harness, "a");
  rule(harness, ["set", "x"], ["set", "y"]);
  event(harness, "a");
  rule(harness, ["delete", "x"]);
  event(harness, "b");

  expect(harness.values()).toEqual(["a 1: ", "a 2: x y", "b 1: y"]);
});

test("rules are restored in their order, beside the state of keys", async () => {
  const harness = await open();
  rule(harness, ["set", "x"], ["set", "y"], ["set", "z"]);
  event(harness, "a");
  const first = await harness.barrier(1);
  rule(harness, ["set", "y", "Y"], ["delete", "x"], ["set", "x", "X"]);
  event(harness, "a");

  const next = await restored(harness, first);
  event(harness, "a");
  event(next, "a");

  expect([harness.values().at(-1), next.values()]).toEqual(["a 3: Y z X", ["a 3: Y z X"]]);
});

test("rules that were removed stay so", async () => {
  const harness = await open();
  rule(harness, ["set", "x"], ["set", "y"]);
  const first = await harness.barrier(1);
  rule(harness, ["clear", ""], ["set", "z"]);

  const next = await restored(harness, first);
  event(next, "a");

  expect(next.values()).toEqual(["a 1: z"]);
});

test("a rule that cannot be taken is given up, and those behind it are not", async () => {
  const harness = await open();

  rule(harness, ["fail", "no rule"], ["set", "x"]);
  event(harness, "a");

  expect(harness.values()).toEqual(["a 1: x"]);
  expect(harness.deadLetters).toMatchObject([{ value: ["fail", "no rule"], error: { message: "no rule" } }]);
});

test("one rule too many fails", async () => {
  const harness = await open();

  rule(harness, ["fill", "as many as fit"], ["set", "one more"], ["set", "0", "in place of another"]);

  expect(harness.deadLetters).toMatchObject([{ value: ["set", "one more"], error: { code: "ERR_ACT_RULES" } }]);
});

test("an event changes no rules, also behind the back of the compiler", async () => {
  const harness = await open(() => ({
    ...teller(),
    onEvent: (_event, _context, rules) => void (rules as Map<string, Rule>).clear(),
  }));
  rule(harness, ["set", "x"]);

  event(harness, "a");

  expect(harness.deadLetters).toMatchObject([{ value: "a", error: { code: "ERR_ACT_RULES" } }]);
});

test("all methods of an operator are called, on the operator, with the rules", async () => {
  class All implements BroadcastOperator<string, Rule, string> {
    readonly #name = "all";
    onRule(given: Rule, rules: Map<string, Rule>) {
      rules.set(given[1], given);
    }
    open(context: ProcessContext<string>) {
      context.logger.log("debug", this.#name);
    }
    onEvent(_event: string, { timers }: ProcessContext<string>) {
      timers.setEventTime(10);
    }
    onTimer(_timer: unknown, context: ProcessContext<string>, rules: ReadonlyMap<unknown, Rule>) {
      context.emit(`${this.#name}: timer ${rules.size}`, 10);
    }
    onWatermark(time: number, context: ProcessContext<string>, rules: ReadonlyMap<unknown, Rule>) {
      context.emit(`${this.#name}: watermark ${time} ${rules.size}`, 10);
    }
    onMessage(message: unknown, _context: ProcessContext<string>, rules: ReadonlyMap<unknown, Rule>) {
      return `${this.#name}: ${message} ${rules.size}`;
    }
    onEnd(context: ProcessContext<string>, rules: ReadonlyMap<unknown, Rule>) {
      context.emit(`${this.#name}: end ${rules.size}`, 10);
    }
  }
  const harness = await OperatorHarness.open<string | Rule, string>(
    broadcast(All as BroadcastMaker<string, Rule, string>, true),
  );
  rule(harness, ["set", "x"]);
  event(harness, "a");

  harness.watermark(10);
  expect(harness.tell("hello")).toBe("all: hello 1");
  await harness.end();

  expect(harness.values()).toEqual(["all: timer 1", "all: watermark 10 1", "all: watermark Infinity 1", "all: end 1"]);
});

describe("refuses", () => {
  const asMaker = (maker: unknown) => maker as BroadcastMaker<string, Rule, string>;

  test("what is no function, or an async one", () => {
    expect(() => broadcast(asMaker({}), false)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
    expect(() =>
      broadcast(
        asMaker(async () => teller()),
        false,
      ),
    ).toThrow(expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }));
  });

  test("an operator that takes no rules, or takes its time", async () => {
    await expect(open(asMaker(() => ({ onEvent: () => undefined })))).rejects.toMatchObject({
      code: "ERR_ACT_PROCESS",
    });
    await expect(open(asMaker(() => ({ ...teller(), onRule: async () => undefined })))).rejects.toMatchObject({
      code: "ERR_ACT_PROCESS",
      cause: { code: "ERR_ACT_ASYNC_FUNCTION" },
    });
  });
});

test("rules are passed on in their order, and hold no event time up", async () => {
  const harness = await OperatorHarness.open<string>(rulesInOrder());
  await harness.step();

  harness.feedValues(["a", "b"]);
  harness.watermark(1_000);
  await harness.end();

  expect(harness.values()).toEqual(["a", "b"]);
  expect(harness.watermarks).toEqual([
    { time: Number.NEGATIVE_INFINITY, isIdle: true },
    { time: Number.POSITIVE_INFINITY, isIdle: false },
  ]);
});
