import { describe, expect, test } from "vitest";
import { generate, type ProcessContext, type Rules } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

interface Rule {
  readonly id: number;
  readonly text: string;
}

const eventCount = 800;
const ruleCount = 60;
const idCount = 8;

/** Of two sources, each of which says something of the same rules. */
const rule = (side: "a" | "b", number: number): Rule => ({ id: number % idCount, text: `${side}${number}` });

/** Tells at the end of each instance what it holds, in its order. */
function holder() {
  return {
    onRule(given: Rule, rules: Rules<Rule>): void {
      // What is removed and comes back is at another place.
      if (given.text.endsWith("7")) rules.delete(given.id);
      else rules.set(given.id, given);
    },
    onEvent(event: number, context: ProcessContext<string>): void {
      const count = context.state.value<number>("count", { initial: () => 0 });
      count.set(count.get() + 1);
      context.emit(`event ${event} ${count.get()}`);
    },
    onWatermark(time: number, context: ProcessContext<string>): void {
      if (time > 0 && time < eventCount) context.emit(`on time ${context.instance}`, time + 1);
    },
    onEnd(context: ProcessContext<string>, rules: ReadonlyMap<unknown, Rule>): void {
      context.emit(`rules ${[...rules.values()].map(({ text }) => text).join(" ")}`, eventCount + 1);
    },
  };
}

const job = defineJob("broadcast", (job, { parallelism }: { parallelism: number }) => {
  const [a, b] = (["a", "b"] as const).map((side) =>
    job
      .source(`rules-${side}`, generate({ count: ruleCount }), { parallelism: 2 })
      .map(`rule-${side}`, (number) => rule(side, number)),
  );
  const events = job
    .source("events", generate({ count: eventCount }))
    .eventTime("event-time", { time: (number) => number + 1 })
    .keyBy((number) => number % 10);
  events.withBroadcast("held", a!.union(b!), holder, { parallelism }).collect("all");
});

const plans: Readonly<Record<string, readonly PlannedFault[]>> = {
  "without a fault": [],
  "when instances throw and threads are lost": [
    crash("held", 0).after(100),
    crash(host(1)).at(25),
    crash("held-rules", 0).after(60),
  ],
  "when the process is killed": [killProcess().at(15), killProcess().at(40)],
};

describe.each(Object.entries(plans))("%s", (_, faults) => {
  test.each([1, 4])("all of %i instances hold the same rules, in the same order", async (parallelism) => {
    const simulation = await simulate(job, {
      seed: 5,
      faults,
      params: { parallelism },
      threads: 3,
      guarantee: "exactly-once",
      epochInterval: 10,
      creditEvents: 32,
    });

    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    const all = simulation.collected<string>("all");
    const events = Array.from({ length: eventCount }, (_, event) => `event ${event} ${Math.floor(event / 10) + 1}`);
    expect(all.filter((line) => line.startsWith("event")).toSorted()).toEqual(events.toSorted());
    const books = all.filter((line) => line.startsWith("rules"));
    expect(books).toHaveLength(parallelism);
    expect(new Set(books).size).toBe(1);
    expect(books[0]?.split(" ").length).toBeGreaterThan(2);
    // Rules have no event time, and hold none up.
    expect(new Set(all.filter((line) => line.startsWith("on time"))).size).toBe(parallelism);
  });
});
