import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, host } from "./fault.ts";
import { simulate } from "./simulate.ts";

const eventCount = 20_000;

const counted = defineJob("counted", import.meta.url, (job) => {
  job.supervision({ restarts: { max: 1_000, within: "1m" }, backoff: { min: 0, max: 0 } });
  job
    .source("numbers", generate({ count: eventCount }), { parallelism: 2 })
    .map("same", (number) => number, { parallelism: 3 })
    .keyBy((number) => number % 10)
    .count("counts", { parallelism: 2 })
    .toOne()
    .collect("all");
});

test("exactly-once, counters start over together with the state: in the end they say what came, whatever was lost on the way", async () => {
  let restarts = 0;
  for (let seed = 0; seed < 20; seed += 1) {
    const faults = [crash(host(1 + (seed % 2))).randomly(3), crash(host(2 - (seed % 2))).randomly(2)];

    const options = { guarantee: "exactly-once", epochInterval: 10, quietAfter: "1s", limit: "1m" } as const;
    const simulation = await simulate(counted, { seed, faults, ...options });

    expect(simulation.violations).toEqual([]);
    const totals = simulation.report?.operators.map(({ name, total }) => `${name} ${total.in} ${total.out}`);
    expect(totals, `seed ${seed}`).toEqual([
      `numbers 0 ${eventCount}`,
      `same ${eventCount} ${eventCount}`,
      `counts ${eventCount} ${eventCount}`,
      `all ${eventCount} 0`,
    ]);
    restarts += simulation.struck.length;
  }
  expect(restarts).toBeGreaterThan(20);
});
