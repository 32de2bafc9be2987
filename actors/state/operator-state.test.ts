import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { noOutput } from "../testing/no-output.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { RestartingOperator } from "./fixtures/restarting-operator.ts";
import type { ListState, MapState, OperatorState, ReducingState, ValueState } from "./operator-state.ts";

type Change = "set" | "in-place" | "clear-value" | "add" | "replace" | "clear-list" | "put" | "delete" | "sum";

interface Operation {
  readonly change: Change;
  readonly key: Key;
  readonly number: number;
}

type Step = Operation | "snapshot" | "restart";

/** Does to its states what the events say, and tells all of them when asked. */
class Everything implements ProcessOperator<Operation> {
  #value!: ValueState<{ n: number }, { n: number }>;
  #list!: ListState<number>;
  #map!: MapState<number, string>;
  #sum!: ReducingState<number>;

  open({ state }: ProcessContext): void {
    this.#value = state.value("value", { initial: (key) => ({ n: String(key).length }) });
    this.#list = state.list("list");
    this.#map = state.map("map");
  }

  onEvent({ change, number }: Operation, { state }: ProcessContext): void {
    this.#sum = state.reducing("sum", (sum, event) => sum + event); // at its first use
    switch (change) {
      case "set":
        return this.#value.set({ n: number });
      case "in-place": {
        const value = this.#value.get();
        value.n += number;
        return this.#value.set(value);
      }
      case "clear-value":
        return this.#value.clear();
      case "add":
        return this.#list.add(number, number + 1);
      case "replace":
        return this.#list.replace([number]);
      case "clear-list":
        return this.#list.clear();
      case "put":
        return this.#map.set(number, `${number}`);
      case "delete":
        return void this.#map.delete(number);
      case "sum":
        return this.#sum.add(number);
    }
  }

  onMessage(_message: unknown, { state }: ProcessContext): unknown {
    this.#sum = state.reducing("sum", (sum, event) => sum + event);
    return {
      value: sorted([...this.#value.entries()].map(([key, { n }]) => [key, n])),
      list: sorted([...this.#list.entries()].map(([key, list]) => [key, [...list]])),
      map: sorted([...this.#map.entries()].map(([key, map]) => [key, sorted([...map])])),
      sum: sorted([...this.#sum.entries()]),
    };
  }
}

/** The same with plain maps. */
class Model {
  value = new Map<Key, number>();
  list = new Map<Key, readonly number[]>();
  map = new Map<Key, Map<number, string>>();
  sum = new Map<Key, number>();

  apply({ change, key, number }: Operation): void {
    const entries = this.map.get(key) ?? new Map<number, string>();
    if (change === "set") this.value.set(key, number);
    else if (change === "in-place") this.value.set(key, (this.value.get(key) ?? String(key).length) + number);
    else if (change === "clear-value") this.value.delete(key);
    else if (change === "add") this.list.set(key, [...(this.list.get(key) ?? []), number, number + 1]);
    else if (change === "replace") this.list.set(key, [number]);
    else if (change === "clear-list") this.list.delete(key);
    else if (change === "put") this.map.set(key, entries.set(number, `${number}`));
    else if (change === "sum") this.sum.set(key, (this.sum.get(key) ?? 0) + number);
    else if (entries.delete(number) && entries.size === 0) this.map.delete(key);
  }

  copy(): Model {
    return Object.assign(new Model(), structuredClone({ ...this }));
  }

  tell(): unknown {
    return {
      value: sorted([...this.value]),
      list: sorted([...this.list]),
      map: sorted([...this.map].map(([key, entries]) => [key, sorted([...entries])])),
      sum: sorted([...this.sum]),
    };
  }
}

function sorted<T extends readonly unknown[]>(pairs: T[]): T[] {
  return pairs.sort((left, right) => (print(left[0]) < print(right[0]) ? -1 : 1));
}

function print(key: unknown): string {
  return `${typeof key} ${String(key)}`;
}

test("random changes, snapshots and restarts leave what plain maps hold", async () => {
  const changes = ["set", "in-place", "clear-value", "add", "replace", "clear-list", "put", "delete", "sum"] as const;
  const operation: fc.Arbitrary<Operation> = fc.record({
    change: fc.constantFrom(...changes),
    key: fc.constantFrom<Key>("a", "b", 1, "1", 1n, true),
    number: fc.integer({ min: 0, max: 3 }),
  });
  const step = fc.oneof(
    { weight: 6, arbitrary: operation },
    { weight: 1, arbitrary: fc.constantFrom<Step>("snapshot", "restart") },
  );

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const operator = new RestartingOperator(process(Everything, { keyed: true }));
      await operator.start();
      let [model, saved] = [new Model(), new Model()];
      for (const each of steps) {
        if (each === "snapshot") {
          operator.snapshot();
          saved = model.copy();
        } else if (each === "restart") {
          await operator.start();
          model = saved.copy();
        } else {
          operator.feed([{ value: each, key: each.key }]);
          model.apply(each);
        }
        expect(operator.ask("all")).toEqual(model.tell());
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

describe("a snapshot", () => {
  test("holds what changed since the one before, once, however often it changed", async () => {
    const operator = new RestartingOperator(process(Everything, { keyed: true }));
    await operator.start();
    const change = (key: Key, kind: Change) => operator.feed([{ value: { change: kind, number: 1 }, key }]);

    change("a", "set");
    change("a", "set");
    change("b", "set");
    expect(operator.snapshot()).toBe(2);
    change("b", "clear-value");
    expect(operator.snapshot()).toBe(1);
    expect(operator.snapshot()).toBe(0);
  });

  test("holds a map of which one entry was deleted", async () => {
    const operator = new RestartingOperator(process(Everything, { keyed: true }));
    await operator.start();
    const change = (kind: Change, number: number) => operator.feed([{ value: { change: kind, number }, key: "a" }]);
    change("put", 1);
    change("put", 2);
    operator.snapshot();

    change("delete", 1);
    operator.snapshot();
    await operator.start();

    expect(operator.ask("all")).toMatchObject({ map: [["a", [[2, "2"]]]] });
  });

  test.each<[string, unknown]>([
    ["a function", () => 1],
    ["an instance of a class", new (class Total {})()],
    ["a promise", Promise.resolve(1)],
  ])("of %s fails with the names of operator, state and key", async (_what, part) => {
    const operator = new RestartingOperator(
      process(
        () => ({
          onEvent: (_event: unknown, { state }: ProcessContext) => state.list("total").add({ part }),
        }),
        { keyed: true },
      ),
    );
    await operator.start();

    operator.feed([{ value: 1, key: "BOS" }]);

    expect(() => operator.snapshot()).toThrow(
      expect.objectContaining({
        code: "ERR_RT_NOT_PLAIN_DATA",
        message: expect.stringMatching(/^operator "under-test": state "total" of key "BOS"\[0\]\.part: /),
      }),
    );
  });

  test("is not prepared where nobody takes it, so that what was cleared is gone", async () => {
    const logic = process(Everything, { keyed: true }).create();
    const harness = await OperatorHarness.open(process(Everything, { keyed: true }));
    await logic.open?.(harness.context);

    for (const change of ["set", "clear-value"]) {
      logic.onBatch({ values: [{ change, number: 1 }], keys: ["a"], times: undefined }, 0, 1, noOutput);
    }

    expect(logic.snapshot?.(1)).toEqual([]);
  });
});

describe("on input without keys", () => {
  test("there is one piece for the instance, in reach of events, messages and the end", async () => {
    class Longest implements ProcessOperator<number, number> {
      #longest!: ValueState<number, number>;

      open({ state }: ProcessContext): void {
        this.#longest = state.value("longest", { initial: () => 0 });
      }
      onEvent(minutes: number): void {
        this.#longest.set(Math.max(minutes, this.#longest.get()));
      }
      onMessage(): number {
        return this.#longest.get();
      }
      onEnd(context: ProcessContext<number>): void {
        context.emit(this.#longest.get());
      }
    }
    const operator = new RestartingOperator(process(Longest));
    await operator.start();
    expect(operator.ask("now")).toBe(0);

    operator.feed([{ value: 3 }, { value: 7 }]);
    operator.snapshot();
    operator.feed([{ value: 99 }]);
    await operator.start();
    operator.feed([{ value: 5 }]);
    operator.end();

    expect(operator.ask("now")).toBe(7);
    expect(operator.values).toEqual([7]);
  });
});

describe("behind keyBy", () => {
  test("keys come in the order in which they were first seen, each with what it holds", async () => {
    const operator = new RestartingOperator(
      process(
        () => ({
          onEvent: (event: number, { state }: ProcessContext) => state.value<number>("last").set(event),
          onMessage(key: unknown, { state }: ProcessContext) {
            const last = state.value<number>("last");
            return [[...last.keys()], [...last.entries()], last.at(key as Key)];
          },
        }),
        { keyed: true },
      ),
    );
    await operator.start();

    operator.feed(["b", 2, "a", "b"].map((key, value) => ({ key, value })));

    expect(operator.ask("a")).toEqual([
      ["b", 2, "a"],
      [
        ["b", 3],
        [2, 1],
        ["a", 2],
      ],
      2,
    ]);
    expect(operator.ask("c")).toEqual([expect.anything(), expect.anything(), undefined]);
  });

  test.each<[string, (state: OperatorState) => unknown]>([
    ["value.get", (state) => state.value("s").get()],
    ["value.set", (state) => state.value("s").set(1)],
    ["list.add", (state) => state.list("s").add(1)],
    ["map.has", (state) => state.map("s").has(1)],
    ["reducing.add", (state) => state.reducing<number>("s", (left) => left).add(1)],
    ["clear", (state) => state.value("s").clear()],
  ])("%s needs the key of an event: in onMessage and onEnd it is refused", async (_what, access) => {
    const harness = await OperatorHarness.openProcess(
      () => ({
        onEvent: (_event: number, { state }: ProcessContext) => access(state),
        onMessage: (_message: unknown, { state }: ProcessContext) => access(state),
        onEnd: (context: ProcessContext) => context.emit(access(context.state)),
      }),
      { keyed: true },
    );
    const outside = expect.objectContaining({
      code: "ERR_ACT_STATE_OUTSIDE",
      message: expect.stringMatching(/operator "under-test": state "s" is one per key.*at\(key\)/),
    });

    harness.feed([{ value: 1, key: "a" }]);

    expect(harness.deadLetters).toEqual([]);
    expect(() => harness.tell("x")).toThrow(outside);
    await expect(harness.end()).rejects.toEqual(outside);
  });
});

test("outside the calls there is no state: in open, behind an await, in a timeout", async () => {
  let kept: OperatorState | undefined;
  const outside = expect.objectContaining({
    code: "ERR_ACT_STATE_OUTSIDE",
    message: expect.stringContaining("only while onEvent, onTimer, onWatermark, onMessage or onEnd runs"),
  });
  const harness = await OperatorHarness.openProcess(() => ({
    open({ state }: ProcessContext) {
      kept = state;
    },
    onEvent() {},
  }));
  const accesses: ((state: OperatorState) => unknown)[] = [
    (state) => state.value("v").get(),
    (state) => state.list("l").all(),
    (state) => state.map("m").entries(),
    (state) => state.value("v").keys(),
    (state) => state.value("v").at("a"),
  ];

  harness.feedValues([1]);

  for (const access of accesses) {
    expect(() => access(kept as OperatorState)).toThrow(outside);
    await expect(
      OperatorHarness.openProcess(() => ({ open: ({ state }) => void access(state), onEvent() {} })),
    ).rejects.toEqual(outside);
  }
});

describe("a state is declared", () => {
  const declared = (declare: (state: OperatorState) => unknown) =>
    OperatorHarness.openProcess(() => ({ open: ({ state }) => void declare(state), onEvent() {} }));

  test("once: the same name is the same state", async () => {
    const seen: unknown[] = [];
    await declared((state) => {
      seen.push(state.list("a"), state.value("b"), state.list("a"), state.value("b", { initial: () => 1 }));
    });

    expect(seen[2]).toBe(seen[0]);
    expect(seen[3]).toBe(seen[1]);
  });

  test.each<[string, (state: OperatorState) => unknown, string, string]>([
    ["as two kinds", (state) => [state.list("a"), state.map("a")], "ERR_ACT_STATE_KIND", '"a" is a list'],
    ["by a name that is none", (state) => state.value("a b"), "ERR_RT_OPTION", "state: expected"],
    ["with a step that is none", (state) => state.reducing("a", 1 as never), "ERR_RT_OPTION", "state: step"],
    ["with a value to begin with", (state) => state.value("a", { initial: 0 as never }), "ERR_RT_OPTION", "initial"],
    [
      "with an async step",
      (state) => state.reducing("a", (async () => 0) as never),
      "ERR_ACT_ASYNC_FUNCTION",
      "state: step",
    ],
  ])("not %s", async (_what, declare, code, message) => {
    await expect(declared(declare)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test("with functions that answer at once; with a promise the event fails and the state stays", async () => {
    const harness = await OperatorHarness.openProcess<number, number>(() => ({
      onEvent(event, { state }: ProcessContext<number>) {
        const sum = state.reducing<number>("sum", (left, right) =>
          right < 0 ? (Promise.resolve() as never) : left + right,
        );
        sum.add(event);
      },
      onEnd: (context: ProcessContext<number>) =>
        context.emit(context.state.reducing<number>("sum", Math.max).get() ?? 0),
    }));

    harness.feedValues([1, -1, 2]);
    await harness.end();

    expect(harness.values()).toEqual([3]);
    expect(harness.deadLetters).toEqual([
      { value: -1, error: expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }) },
    ]);
  });
});

test("a list of one's own stays as it is, whatever becomes of the state it was put in", async () => {
  const own = [1];
  const harness = await OperatorHarness.openProcess(() => ({
    onEvent(_event: number, { state }: ProcessContext) {
      const list = state.list<number>("list");
      list.replace(own);
      list.add(2);
    },
  }));

  harness.feedValues([1]);

  expect(own).toEqual([1]);
});

test("what an empty piece answers", async () => {
  const answers: unknown[] = [];
  const harness = await OperatorHarness.openProcess(() => ({
    onEvent(_event: number, { state }: ProcessContext) {
      const map = state.map("map");
      answers.push(state.value("value").get(), state.list("list").all(), map.get(1), map.has(1), map.size);
      answers.push(map.delete(1), map.all(), state.reducing<number>("sum", Math.max).get());
      map.set(1, "one");
      answers.push(map.get(1), map.size, map.delete(1), [...map.keys()]);
    },
  }));

  harness.feedValues([1]);

  expect(answers).toEqual([undefined, [], undefined, false, 0, false, new Map(), undefined, "one", 1, true, []]);
});

test("what an event had set before it failed stays set when the operator resumes", async () => {
  const harness = await OperatorHarness.openProcess<number, number>(() => ({
    onEvent(event, context: ProcessContext<number>) {
      const last = context.state.value("last", { initial: () => 0 });
      context.emit(last.get());
      last.set(event);
      if (event === 2) throw new Error("poison");
    },
  }));

  harness.feedValues([1, 2, 3]);

  expect(harness.values()).toEqual([0, 2]);
});

test("a snapshot of a large map is as large as what changed in it", async () => {
  const large = new RestartingOperator(
    process(
      () => ({
        onEvent(event: { readonly set?: readonly number[]; readonly gone?: number }, { state }: ProcessContext) {
          const rows = state.map<number, string>("rows");
          for (const number of event.set ?? []) rows.set(number, `row ${number}`);
          if (event.gone !== undefined) rows.delete(event.gone);
        },
        onMessage: (_message, { state }: ProcessContext) => state.map("rows").at("a"),
      }),
      { keyed: true },
    ),
  );
  await large.start();
  large.feed([{ key: "a", value: { set: Array.from({ length: 10_000 }, (_, number) => number) } }]);
  large.snapshot();

  large.feed([{ key: "a", value: { set: [7, 20_000], gone: 8 } }]);
  large.snapshot();

  expect(large.bytesOfLastSnapshot).toBeLessThan(200);
  await large.start();
  const rows = large.ask("rows") as ReadonlyMap<number, string>;
  expect(rows.size).toBe(10_000);
  expect([rows.has(8), [...rows].at(-1)]).toEqual([false, [20_000, "row 20000"]]);
});

test("entries of a map whose keys are objects are those that were set, over restarts", async () => {
  const key = { city: "ulm" };
  const kept = new RestartingOperator(
    process(
      () => ({
        onEvent(n: number, { state }: ProcessContext) {
          const rows = state.map<object | number, number>("rows");
          for (let other = 0; other < 10; other += 1) rows.set(other, other);
          rows.set(key, n);
        },
        onMessage: (_message, { state }: ProcessContext) => [...(state.map("rows").at("a") ?? [])].slice(10),
      }),
      { keyed: true },
    ),
  );
  await kept.start();
  kept.feed([{ key: "a", value: 1 }]);
  kept.snapshot();
  kept.feed([{ key: "a", value: 2 }]);
  kept.snapshot();

  await kept.start();

  expect(kept.ask("rows")).toEqual([[{ city: "ulm" }, 2]]);
});
