import { expect, test } from "vitest";
import { concat, fromIterable, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

const historyCount = 600;
const liveFrom = 400;
const eventCount = 1_500;

const job = defineJob("history-then-live", (job) => {
  const history = fromIterable(() => Array.from({ length: historyCount }, (_, number) => number));
  const live = generate({ count: eventCount - liveFrom, rate: 20_000, from: (index) => liveFrom + index });
  job
    .source("numbers", concat(history, live, { seam: (number) => number }))
    .shuffle()
    .map("same", (number) => number, { parallelism: 2 })
    .collect("all");
});

test.each<[string, readonly PlannedFault[]]>([
  ["without a fault", []],
  ["when the thread of the source is lost", [crash("numbers", 0).after(500), crash(host(1)).at(30)]],
  ["when the process is killed", [killProcess().at(15), killProcess().at(45)]],
])("history and what is live are read whole and once, %s", async (_, faults) => {
  for (const seed of [1, 2, 3]) {
    const simulation = await simulate(job, { seed, faults, threads: 2, guarantee: "exactly-once", epochInterval: 5 });

    expect(simulation).toMatchObject({ status: "completed", assertions: [] });
    const all = [...simulation.collected<number>("all")].sort((left, right) => left - right);
    expect(all).toEqual(Array.from({ length: eventCount }, (__, number) => number));
  }
});
