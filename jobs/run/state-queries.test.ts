import { describe, expect, test, vi } from "vitest";
import { fromIterable, type ProcessContext } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";

interface Order {
  readonly customer: string;
  readonly item: string;
  readonly cents: number;
}

const orders: readonly Order[] = [
  { customer: "eve", item: "pen", cents: 120 },
  { customer: "ada", item: "book", cents: 1_500 },
  { customer: "ada", item: "pen", cents: 120 },
  { customer: "bob", item: "cup", cents: 800 },
];

/** Keeps a sum, a list and a map of each customer. */
function basket() {
  return {
    onEvent({ item, cents }: Order, { state }: ProcessContext<never>): void {
      const spent = state.value("spent", { initial: () => 0, ttl: "1h" });
      spent.set(spent.get() + cents);
      state.list<string>("items").add(item);
      const counts = state.map<string, number>("counts", { ttl: "1h" });
      counts.set(item, (counts.get(item) ?? 0) + 1);
    },
  };
}

type Run = Awaited<ReturnType<ActorSystem["submit"]>>;

/** Runs the job up to its last order, and asks before it ends. */
async function asking(look: (run: Run) => Promise<void>, guarantee: Guarantee = "exactly-once"): Promise<void> {
  const [end, here] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const job = defineJob("shop", (job) => {
    async function* source() {
      yield* orders;
      await end.promise;
    }
    let count = 0;
    const all = job.source("orders", fromIterable(source));
    const byCustomer = all.keyBy(({ customer }) => customer);
    byCustomer.process("basket", basket, { parallelism: 3 });
    byCustomer.count("orders-of", { parallelism: 2, microBatch: { interval: "1h", events: 1 } });
    all
      .map("item", ({ item }) => item)
      .tap("last", () => {
        count += 1;
        if (count === orders.length) here.resolve();
      });
  });
  await using system = await ActorSystem.start();
  const run = await system.submit(job, { guarantee, epochInterval: "5ms" });
  await here.promise;
  await look(run);
  end.resolve();
  await run.completed;
}

/** Asks until what has been handed on is worked on. */
async function eventually<T>(ask: () => Promise<T>, isThere: (answer: T) => boolean): Promise<T> {
  return vi.waitFor(
    async () => {
      const answer = await ask();
      expect(isThere(answer)).toBe(true);
      return answer;
    },
    { timeout: 10_000, interval: 5 },
  );
}

describe("what an operator keeps", () => {
  test.each(["now", "checkpoint"] as const)("is told of a key, by the names of its states, as of: %s", async (asOf) => {
    await asking(async (run) => {
      const ada = await eventually(
        () => run.query<{ spent: number; items: string[]; counts: Map<string, number> }>("basket", "ada", { asOf }),
        (state) => state?.spent === 1_620,
      );

      expect(ada).toEqual({
        spent: 1_620,
        items: ["book", "pen"],
        counts: new Map([
          ["book", 1],
          ["pen", 1],
        ]),
      });
      expect(await run.query("basket", "nobody", { asOf })).toBeUndefined();
    });
  });

  test("is told of a range of keys, in their order, over all instances", async () => {
    await asking(async (run) => {
      const all = await eventually(
        () => run.queryRange("orders-of"),
        (found) => found.length === 3,
      );

      expect(all).toEqual([
        { key: "ada", state: { count: 2 } },
        { key: "bob", state: { count: 1 } },
        { key: "eve", state: { count: 1 } },
      ]);
      const keysOf = async (range: Parameters<typeof run.queryRange>[1]) =>
        (await run.queryRange("orders-of", range)).map(({ key }) => key);
      expect(await keysOf({ limit: 2 })).toEqual(["ada", "bob"]);
      expect(await keysOf({ from: "b", to: "eve" })).toEqual(["bob"]);
      expect(await keysOf({ from: "z" })).toEqual([]);
    });
  });

  test("is not told once the run has ended", async () => {
    let ended: (() => Promise<unknown>) | undefined;
    await asking(async (run) => {
      ended = async () => {
        await run.completed;
        return run.query("basket", "bob", { asOf: "checkpoint" });
      };
    });

    await expect(ended?.()).rejects.toMatchObject({
      code: "ERR_JOB_QUERY",
      message: expect.stringContaining("has ended"),
    });
  });

  test.each<[string, (run: Run) => Promise<unknown>, string]>([
    ["an unknown operator", (run) => run.query("nowhere", "ada"), "ERR_JOB_OPERATOR_UNKNOWN"],
    ["an operator that keeps nothing", (run) => run.query("item", "ada"), "ERR_JOB_QUERY"],
    ["what is no key", (run) => run.query("basket", {} as string), "ERR_ACT_KEY"],
    ["no keys", (run) => run.queryRange("basket", { limit: 0 }), "ERR_RT_OPTION"],
    ["another moment", (run) => run.query("basket", "ada", { asOf: "noon" as "now" }), "ERR_RT_OPTION"],
    [
      "an option of a key that there is not",
      (run) => run.query("basket", "ada", { asof: "now" } as object),
      "ERR_RT_OPTION",
    ],
    [
      "an option of a range that there is not",
      (run) => run.queryRange("basket", { max: 1 } as object),
      "ERR_RT_OPTION",
    ],
  ])("is not told for %s", async (_, ask, code) => {
    await asking(async (run) => {
      await expect(ask(run)).rejects.toMatchObject({ code });
    });
  });

  test("is told now, but of no checkpoint, under at-most-once", async () => {
    await asking(async (run) => {
      await eventually(
        () => run.query<{ spent: number }>("basket", "bob"),
        (state) => state?.spent === 800,
      );

      await expect(run.query("basket", "bob", { asOf: "checkpoint" })).rejects.toMatchObject({ code: "ERR_JOB_QUERY" });
    }, "at-most-once");
  });
});
