import { describe, expect, test } from "vitest";
import { generate, type Match, pattern, type TimedOut } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

interface Step {
  readonly user: number;
  readonly kind: "view" | "cart" | "pay" | "leave";
  readonly time: number;
}

const stepCount = 2_000;
const userCount = 20;
/** Events are up to this much out of order, in ms of event time. */
const disorderMs = 40;
const kinds = ["view", "cart", "pay", "leave"] as const;

/** The same for each number: a user, what they do, and a time that is out of order. */
function stepOf(number: number): Step {
  const hash = Math.imul(number + 1, 2_654_435_761) >>> 0;
  const time = Math.max(0, number * 10 - (hash % disorderMs));
  return { user: hash % userCount, kind: kinds[(hash >>> 8) % kinds.length]!, time };
}

const is = (kind: Step["kind"]) => (step: Step) => step.kind === kind;

/** Who put something into the cart and paid for it in time, or did not. */
const purchase = pattern<Step>()
  .begin("cart", is("cart"))
  .notFollowedBy("left", is("leave"))
  .followedBy("pay", is("pay"))
  .within(600);

interface Purchase {
  readonly user: number;
  readonly times: readonly number[];
}

const purchaseOf = ({
  key,
  captured,
}: Match<{ readonly cart: readonly Step[]; readonly pay: readonly Step[] }, number>): Purchase => ({
  user: key,
  times: [...captured.cart, ...captured.pay].map(({ time }) => time),
});

const jobWith = (parallelism: number, outOfOrderness: number) =>
  defineJob("purchases", (job) => {
    const purchases = job
      .source("steps", generate({ count: stepCount, from: stepOf }))
      .eventTime("time", { time: ({ time }) => time, outOfOrderness })
      .keyBy(({ user }) => user)
      .match("purchases", purchase, purchaseOf, { parallelism });
    purchases.collect("paid");
    purchases.timedOut().collect("abandoned");
    purchases.late().collect("late");
  });

async function run(parallelism: number, faults: readonly PlannedFault[], outOfOrderness = disorderMs, seed = 3) {
  const simulation = await simulatedExactlyOnce(jobWith(parallelism, outOfOrderness), { seed, faults });

  return {
    paid: simulation.collected<Purchase>("paid"),
    abandoned: simulation.collected<TimedOut<{ readonly cart?: readonly Step[] }, number>>("abandoned"),
    late: simulation.collected<Step>("late"),
  };
}

/** By a plain loop over the steps of each user, in the order of their times. */
function model() {
  const steps = Array.from({ length: stepCount }, (_, number) => stepOf(number));
  const sorted = steps.toSorted((left, right) => left.time - right.time);
  const paid: Purchase[] = [];
  const abandoned: { readonly user: number; readonly start: number }[] = [];
  for (let user = 0; user < userCount; user += 1) {
    let carts: number[] = [];
    for (const { kind, time } of sorted.filter((step) => step.user === user)) {
      for (const start of carts.filter((candidate) => time - candidate >= 600)) abandoned.push({ user, start });
      carts = carts.filter((start) => time - start < 600);
      if (kind === "cart") carts.push(time);
      else if (kind === "leave") carts = [];
      else if (kind === "pay" && carts[0] !== undefined) {
        paid.push({ user, times: [carts[0], time] });
        // Everything that began before the payment is over.
        carts = [];
      }
    }
    for (const start of carts) abandoned.push({ user, start });
  }
  return { paid, abandoned };
}

const plans: readonly (readonly [string, number, readonly PlannedFault[]])[] = [
  ["with one instance", 1, []],
  ["with one instance that throws", 1, [crash("purchases", 0).after(300), crash("purchases", 0).after(900)]],
  ["with four instances", 4, []],
  ["with four instances, two of which are lost with their thread", 4, [crash(host(1)).at(20), crash(host(2)).at(45)]],
  ["when the process is killed", 4, [killProcess().at(15), killProcess().at(40)]],
];

describe("a pattern over many keys finds what a loop over each key finds", () => {
  const expected = model();

  test.each(plans)("%s", async (_, parallelism, faults) => {
    const { paid, abandoned, late } = await run(parallelism, faults);

    expect(late).toEqual([]);
    expect(paid.map(printed).toSorted()).toEqual(expected.paid.map(printed).toSorted());
    expect(abandoned.map(({ key, start }) => printed({ user: key, start })).toSorted()).toEqual(
      expected.abandoned.map(printed).toSorted(),
    );
    expect(paid.length).toBeGreaterThan(50);
    expect(abandoned.length).toBeGreaterThan(10);
  });
});

test("what comes out of order by more than it is allowed to is late, and no step is both late and matched", async () => {
  const { paid, abandoned, late } = await run(2, [], 5);

  expect(late.length).toBeGreaterThan(0);
  const used = new Set(paid.flatMap(({ user, times }) => times.map((time) => printed({ user, time }))));
  for (const { user, kind, time } of late) {
    if (kind === "cart" || kind === "pay") expect(used.has(printed({ user, time }))).toBe(false);
  }
  expect(abandoned.every(({ captured, start, end }) => captured.cart?.[0]?.time === start && end === start + 599)).toBe(
    true,
  );
});

test("in processing time it needs no event time", async () => {
  const job = defineJob("clock", (builder) => {
    builder
      .source(
        "steps",
        generate({ count: 200, from: (number): Step => ({ user: number % 3, kind: kinds[number % 4]!, time: 0 }) }),
      )
      .keyBy(({ user }) => user)
      .match("pairs", pattern<Step>().begin("cart", is("cart")).followedBy("pay", is("pay")), { time: "processing" })
      .collect("found");
  });

  const simulation = await simulate(job, {
    seed: 1,
    threads: 2,
    faults: [crash("pairs", 0).after(50)],
    guarantee: "exactly-once",
  });

  expect(simulation).toMatchObject({ status: "completed", assertions: [] });
  const pairs =
    simulation.collected<Match<{ readonly cart: readonly Step[]; readonly pay: readonly Step[] }, number>>("found");
  expect(pairs.length).toBeGreaterThan(10);
  expect(pairs.every(({ key, captured, time }) => captured.cart[0]?.user === key && time === undefined)).toBe(true);
});

function printed(value: object): string {
  return JSON.stringify(Object.entries(value).toSorted());
}
