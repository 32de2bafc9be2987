/** State that an earlier version of an operator has kept, as a later version of it finds it. */

import { describe, expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { count } from "../operators/count.ts";
import { process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { scan } from "../operators/scan.ts";
import { RestartingOperator } from "./fixtures/restarting-operator.ts";
import type { OperatorState, StateOfKeys } from "./operator-state.ts";
import { checkVersioning } from "./state-migration.ts";

type Declare = (state: OperatorState) => StateOfKeys<unknown>;

/** Declares its state in `open`, or at its first event; writes events to it, and tells all of it. */
function keeper(declare: Declare, lazily = false) {
  return process(
    () => ({
      open({ state }: ProcessContext) {
        if (!lazily) declare(state);
      },
      onEvent(event: unknown, { state }: ProcessContext) {
        const declared = declare(state) as StateOfKeys<unknown> & {
          set?(value: unknown): void;
          add?(value: unknown): void;
        };
        if (event === "look") return;
        if (event === "clear") return declared.clear();
        (declared.set ?? declared.add)?.call(declared, event);
      },
      onMessage(_message: unknown, { state }: ProcessContext) {
        return [...declare(state).entries()];
      },
    }),
    { keyed: true },
  );
}

/** An operator whose snapshot holds a piece per key. */
async function kept(declare: Declare, events: readonly (readonly [Key, unknown])[]): Promise<RestartingOperator> {
  const operator = new RestartingOperator(keeper(declare));
  await operator.start();
  operator.feed(events.map(([key, value]) => ({ key, value })));
  operator.snapshot();
  return operator;
}

const totals: Declare = (state) => state.value("total");
const fiveOfA: readonly (readonly [Key, unknown])[] = [
  ["a", 5],
  ["b", 7],
];

describe("a state of a higher version", () => {
  const asObject: Declare = (state) =>
    state.value("total", { version: 2, migrate: { 1: (old: number, key) => ({ sum: old, of: key }) } });

  test("is migrated key by key when the operator starts", async () => {
    const operator = await kept(totals, fiveOfA);

    await operator.upgrade(keeper(asObject));

    expect(operator.ask("all")).toEqual([
      ["a", { sum: 5, of: "a" }],
      ["b", { sum: 7, of: "b" }],
    ]);
  });

  test("is in the next snapshot as a whole, so that it is migrated once", async () => {
    const operator = await kept(totals, fiveOfA);
    await operator.upgrade(keeper(asObject));

    expect(operator.snapshot()).toBe(2);
    await operator.upgrade(keeper((state) => state.value("total", { version: 2 })));

    expect(operator.entries.map(([, key, , value, form]) => [key, value, form?.version])).toEqual([
      ["a", { sum: 5, of: "a" }, 2],
      ["b", { sum: 7, of: "b" }, 2],
    ]);
    expect(operator.snapshot()).toBe(0);
  });

  test("that is declared at its first use is migrated then", async () => {
    const operator = await kept(totals, fiveOfA);

    await operator.upgrade(keeper(asObject, true));
    expect(operator.snapshot()).toBe(0);
    operator.feed([{ value: "look", key: "c" }]);

    expect(operator.ask("all")).toHaveLength(2);
    expect(operator.snapshot()).toBe(2);
  });

  test("goes through the migrations of all versions between", async () => {
    const operator = await kept(totals, fiveOfA);
    const migrate = { 1: (old: number) => [old], 2: (old: number[]) => [...old, 0], 3: (old: number[]) => old.length };

    await operator.upgrade(keeper((state) => state.value("total", { version: 4, migrate })));

    expect(operator.ask("all")).toEqual([
      ["a", 2],
      ["b", 2],
    ]);
  });

  test("may be of another kind, if the migration returns what that holds", async () => {
    const operator = await kept(totals, fiveOfA);
    const migrate = { 1: (old: number) => [old, old] };

    await operator.upgrade(keeper((state) => state.list("total", { version: 2, migrate })));
    operator.feed([{ key: "a", value: 1 }]);

    expect(operator.ask("all")).toEqual([
      ["a", [5, 5, 1]],
      ["b", [7, 7]],
    ]);
  });

  test("is not asked for what was removed", async () => {
    const operator = await kept(totals, fiveOfA);
    operator.feed([{ key: "a", value: "clear" }]);
    operator.snapshot();

    await operator.upgrade(keeper(asObject));

    expect(operator.ask("all")).toEqual([["b", { sum: 7, of: "b" }]]);
  });
});

describe("is refused by operator and state:", () => {
  const map = new Map([["k", 1]]);
  test.each<[string, Declare, string, RegExp]>([
    [
      "a version that is older than the stored one",
      (state) => state.value("total"),
      "ERR_ACT_STATE_VERSION",
      /operator "under-test": state "total" is stored in version 3, and the job knows versions up to 1/,
    ],
    [
      "a version without a migration to it",
      (state) => state.value("total", { version: 5, migrate: { 3: (old: unknown) => old } }),
      "ERR_ACT_STATE_VERSION",
      /no migration from version 4 to 5; it has some from 3/,
    ],
    [
      "another kind of the same version",
      (state) => state.map("total", { version: 3 }),
      "ERR_ACT_STATE_KIND",
      /stored as value, and is declared as map/,
    ],
    [
      "a migration that throws",
      (state) =>
        state.value("total", {
          version: 4,
          migrate: {
            3: () => {
              throw new RangeError("no such city");
            },
          },
        }),
      "ERR_ACT_STATE_MIGRATION",
      /of key "a": the migration from version 3 to 4 failed: no such city/,
    ],
    [
      "a migration that returns a promise",
      (state) => state.value("total", { version: 4, migrate: { 3: () => Promise.resolve(1) } }),
      "ERR_ACT_STATE_MIGRATION",
      /failed: migrate\[3\]: the function returned a promise/,
    ],
    [
      "a migration to a list that returns none",
      (state) => state.list("total", { version: 4, migrate: { 3: () => map } }),
      "ERR_ACT_STATE_MIGRATION",
      /returned .*, and the array of a list is expected/,
    ],
    [
      "a migration to a map that returns none",
      (state) => state.map("total", { version: 4, migrate: { 3: () => ({}) } }),
      "ERR_ACT_STATE_MIGRATION",
      /the Map of a map is expected/,
    ],
  ])("%s", async (_what, declare, code, message) => {
    const operator = await kept((state) => state.value("total", { version: 3 }), [["a", 5]]);
    const before = operator.entries;

    const upgraded = operator.upgrade(keeper(declare));

    await expect(upgraded).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      details: { operator: "under-test", state: "total" },
    });
    expect(operator.entries).toEqual(before);
  });

  test("state per key where there is one per instance", async () => {
    const operator = await kept(totals, fiveOfA);
    const whole = process(() => ({
      open: ({ state }: ProcessContext) => void state.value("total"),
      onEvent() {},
    }));

    await expect(operator.upgrade(whole)).rejects.toMatchObject({
      code: "ERR_ACT_STATE_KIND",
      message: expect.stringMatching(/stored per key, and is declared per instance/),
    });
  });
});

describe("the state of a fold", () => {
  test("of a count becomes that of a scan by a migration", async () => {
    const operator = new RestartingOperator(count());
    await operator.start();
    operator.feed([1, 2, 3].map((value) => ({ value, key: "a" })));
    operator.snapshot();
    const versioning = { version: 2, migrate: { 1: (old: number) => ({ events: old, sum: 0 }) } };
    type Sums = { readonly events: number; readonly sum: number };

    await operator.upgrade(
      scan<number, Sums>(
        () => ({ events: 0, sum: 0 }),
        ({ events, sum }, value) => ({ events: events + 1, sum: sum + value }),
        versioning,
      ),
    );
    operator.feed([{ value: 40, key: "a" }]);

    expect(operator.values.at(-1)).toEqual({ key: "a", value: { events: 4, sum: 40 } });
    expect(operator.snapshot()).toBe(1);
  });

  test("that stays as it was is not in the next snapshot", async () => {
    const operator = new RestartingOperator(count());
    await operator.start();
    operator.feed([{ value: 1, key: "a" }]);
    operator.snapshot();

    await operator.start();

    expect(operator.snapshot()).toBe(0);
  });

  test("of another kind is refused", async () => {
    const operator = new RestartingOperator(count());
    await operator.start();
    operator.feed([{ value: 1, key: "a" }]);
    operator.snapshot();

    await expect(
      operator.upgrade(
        scan(
          () => 0,
          (sum) => sum,
        ),
      ),
    ).rejects.toMatchObject({
      code: "ERR_ACT_STATE_KIND",
    });
  });
});

test.each<[unknown, string, RegExp]>([
  [{ version: 0 }, "ERR_RT_OPTION", /state: version/],
  [{ version: 1.5 }, "ERR_RT_OPTION", /state: version/],
  [{ version: 2, migrate: 3 }, "ERR_RT_OPTION", /state: migrate.*function per version/],
  [{ version: 2, migrate: { 1: "no" } }, "ERR_RT_OPTION", /state: migrate\[1\]/],
  [{ version: 2, migrate: { first: () => 1 } }, "ERR_RT_OPTION", /state: migrate: version/],
  [{ version: 2, migrate: { 2: () => 1 } }, "ERR_RT_OPTION", /versions below 2/],
  [{ version: 2, migrate: { 1: async () => 1 } }, "ERR_ACT_ASYNC_FUNCTION", /state: migrate\[1\]/],
])("a version %o is refused", (options, code, message) => {
  expect(() => checkVersioning("state", options as never)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});
