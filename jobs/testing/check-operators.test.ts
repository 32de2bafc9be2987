import { describe, expect, test } from "vitest";
import { discard, fromIterable, generate, type ProcessContext } from "../../actors/index.ts";
import { serviceToken } from "../../runtime/index.ts";
import { defineJob, type JobDefinition } from "../define-job.ts";
import type { Job } from "../job-builder.ts";
import { checkOperators } from "./check-operators.ts";
import { operatorHarness } from "./job-operator.ts";

interface Sale {
  readonly shop: string;
  readonly cents: number;
}

const sales = Array.from({ length: 15 }, (_, index): Sale => ({ shop: `shop ${index % 3}`, cents: index }));
/** Functions cannot be stored. */
const never = () => 1;
const rate = serviceToken<number>("rate");

class Steps {
  #last = 0;
  onEvent(cents: number, context: ProcessContext<number>): void {
    context.emit(cents - this.#last);
    this.#last = cents;
  }
}

/** A job around one operator. */
function around(describe: (job: Job, sales: ReturnType<Job["source"]>) => void): JobDefinition<undefined> {
  return defineJob("tried", (job) => describe(job, job.source("sales", fromIterable<unknown>(sales))));
}

const autumn2026 = 1_795_000_000_000;

test("events of today are not ahead of the wall clock", async () => {
  const job = defineJob("timed", (builder) => {
    builder
      .source("times", fromIterable([autumn2026]))
      .eventTime("at", { time: (at) => at })
      .collect("all");
  });
  const operator = await operatorHarness<number>(job, "at");

  operator.feedValues([autumn2026]);

  expect(operator.deadLetters).toEqual([]);
  expect(await checkOperators(job)).toEqual([]);
});

test("a job whose operators keep what they keep in their state has no findings", async () => {
  const job = defineJob("right", (builder) => {
    builder.provide(rate, () => 3);
    const stream = builder
      .source("sales", fromIterable(sales))
      .map("convert", (sale, { services }) => ({ ...sale, cents: sale.cents * services.get(rate) }))
      .filter("worth-it", ({ cents }) => cents > 4)
      .mapAsync("rounded", async (sale) => ({ ...sale, cents: Math.round(sale.cents / 10) }))
      .throttle("slowly", 2, "1s");
    const { dear, cheap } = stream.split("price", { dear: ({ cents }) => cents > 5, cheap: "otherwise" });
    const byShop = dear.keyBy(({ shop }) => shop);
    byShop.count("count").collect("counts");
    byShop.count("per-batch", { emit: "batch" }).collect("batches");
    cheap
      .flatMap("twice", (sale) => [sale, sale])
      .keyBy(({ shop }) => shop)
      .count("at-end", { emit: "end" })
      .collect("totals");
    stream
      .map("picky", ({ cents }) => {
        if (cents % 5 === 0) throw new RangeError("no fives");
        return cents;
      })
      .sink("nowhere", discard());
  });

  expect(await checkOperators(job)).toEqual([]);
});

test("each stream comes in on its own input, with its own keys and times", async () => {
  const told: unknown[] = [];
  const job = defineJob("limits", (builder) => {
    const limits = builder.source("limits", fromIterable([{ shop: "shop 1", most: 5 }]));
    builder
      .source("sales", fromIterable(sales))
      .eventTime("at", { time: ({ cents }) => cents })
      .keyBy(({ shop }) => shop)
      .withBroadcast("over", limits, () => ({
        onRule: (limit, rules) => rules.set(limit.shop, limit),
        onEvent({ shop, cents }: Sale, context: ProcessContext<Sale>, rules) {
          const limit = rules.get(shop);
          if (limit !== undefined && cents > limit.most) context.emit({ shop, cents });
        },
      }))
      .tap("look", (sale) => void told.push(sale))
      .collect("over-limit");
  });

  expect(await checkOperators(job)).toEqual([]);
  expect(told.length).toBeGreaterThan(0);
});

describe("an operator is found out that", () => {
  test("keeps a variable of the job: lost with its thread, and not taken back", async () => {
    const job = defineJob("receipts", (builder) => {
      let number = 0;
      builder
        .source("sales", fromIterable(sales))
        .map("number", ({ shop }) => {
          number += 1;
          return { shop, number };
        })
        .collect("receipts");
    });

    const findings = await checkOperators(job);

    expect(findings.map(({ operator, trial, event }) => [operator, trial, event?.number])).toEqual([
      ["number", "on another thread after each event, from its snapshot", 2],
      ["number", "back to its snapshot after each event, which comes again", 1],
    ]);
    expect(findings[0]).toMatchObject({
      event: { value: sales[1] },
      expected: [["main", { shop: "shop 1", number: 2 }]],
      actual: [["main", { shop: "shop 1", number: 1 }]],
      text: expect.stringContaining("keeps something that is not in its state"),
    });
  });

  test("keeps a field of its class", async () => {
    const job = around((_, stream) =>
      stream
        .map("cents", (sale) => (sale as Sale).cents)
        .process("steps", Steps)
        .collect("all"),
    );

    const findings = await checkOperators(job);

    expect(findings.map(({ operator, event }) => [operator, event?.number])).toEqual([
      ["steps", 3],
      ["steps", 3],
    ]);
  });

  test("draws, or counts in a variable of the module", async () => {
    let drawn = 0;
    const job = around((_, stream) => stream.map("draw", () => (drawn += 1)).collect("all"));

    const findings = await checkOperators(job);

    expect(findings).toMatchObject([
      { operator: "draw", event: { number: 1 }, trial: expect.stringContaining("run again") },
    ]);
  });

  test("changes its events, or keeps what cannot be stored", async () => {
    const job = around((_, stream) => {
      const byShop = stream.keyBy((sale) => (sale as Sale).shop);
      byShop
        .scan(
          "unstorable",
          () => never,
          (state) => state,
        )
        .map("told", () => 1)
        .collect("functions");
      stream.map("changing", (sale) => Object.assign(sale as object, { seen: true })).collect("changed");
    });

    const findings = await checkOperators(job);

    expect(findings.find(({ operator }) => operator === "unstorable")?.text).toMatch(
      /fails: operator "unstorable": state/,
    );
    expect(findings.find(({ operator }) => operator === "changing")?.text).toMatch(
      /fails: operator "changing" changed an event/,
    );
  });

  test("depends on the batch, or on when it is called", async () => {
    const job = around((_, stream) => {
      stream.map("timed", (_sale, { clock }) => clock.monotonicMs()).collect("times");
    });

    const findings = await checkOperators(job);

    expect(findings).toMatchObject([{ operator: "timed", trial: "its outputs without credit for a while" }]);
  });
});

test("events of a source may be given, and operators and services chosen", async () => {
  const seen: number[] = [];
  const job = defineJob("chosen", (builder) => {
    builder.provide(rate, () => 3);
    const stream = builder.source("ticks", generate({ rate: 1 }));
    stream.map("convert", (tick, { services }) => seen.push(tick * services.get(rate))).collect("all");
    stream.map("chance", () => seen.length).collect("chances");
  });
  const options = { events: { ticks: [1, 2] }, services: [{ token: rate, value: 10 }], only: [] };

  expect(await checkOperators(job, options)).toEqual([]);
  expect(seen).toEqual([10, 20]);
});

test.each([
  ["an operator that the job does not have", { only: ["nobody"] }, "ERR_JOB_OPERATOR_UNKNOWN"],
  ["events of a source that the job does not have", { events: { nobody: [] } }, "ERR_JOB_OPERATOR_UNKNOWN"],
  ["no events of a source that does not end", {}, "ERR_RT_OPTION"],
  ["no number of events", { eventCountMax: 0 }, "ERR_RT_OPTION"],
])("%s is refused", async (_what, options, code) => {
  const job = defineJob("endless", (builder) => builder.source("ticks", generate({ rate: 1 })).collect("all"));

  await expect(checkOperators(job, options)).rejects.toMatchObject({ code });
});

test("an operator of a job is driven by its name, with its keys, from one snapshot to another harness", async () => {
  const job = defineJob("sums", (builder, { start }: { start: number }) => {
    builder
      .source("sales", fromIterable(sales))
      .keyBy(({ shop }) => shop)
      .scan(
        "sum",
        () => start,
        (sum, { cents }: Sale) => sum + cents,
      )
      .collect("sums");
  });
  const options = { params: { start: 100 }, guarantee: "exactly-once" } as const;

  const first = await operatorHarness<Sale>(job, "sum", options);
  first.feedValues([
    { shop: "Ulm", cents: 1 },
    { shop: "Bonn", cents: 5 },
    { shop: "Ulm", cents: 2 },
  ]);
  const entries = await first.barrier(1);
  const second = await operatorHarness<Sale>(job, "sum", { ...options, restore: { entries, epoch: 1 } });
  second.feedValues([{ shop: "Ulm", cents: 4 }]);

  expect(first.values()).toEqual([
    { key: "Ulm", value: 101 },
    { key: "Bonn", value: 105 },
    { key: "Ulm", value: 103 },
  ]);
  expect(second.values()).toEqual([{ key: "Ulm", value: 107 }]);
  await expect(operatorHarness(job, "sales", options)).rejects.toMatchObject({ code: "ERR_JOB_OPERATOR_UNKNOWN" });
});
