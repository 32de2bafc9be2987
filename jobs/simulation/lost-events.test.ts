import { expect, test } from "vitest";
import { forEach, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, host, killProcess } from "./fault.ts";
import { simulate } from "./simulate.ts";

const eventCount = 100_000;

/** Every event crosses threads three times, and is one event all the way. */
const carried = (shown: number[]) =>
  defineJob("carried", import.meta.url, (job) => {
    job
      .source("numbers", generate({ count: eventCount }), { parallelism: 2 })
      .map("same", (number) => number, { parallelism: 3 })
      .map("again", (number) => number, { parallelism: 2 })
      .sink(
        "out",
        forEach((number) => void shown.push(number)),
      );
  });

test("at-most-once, what is missing over deaths of threads and of the process is counted, and nothing is doubled", async () => {
  let missingEvents = 0;
  for (let seed = 0; seed < 20; seed += 1) {
    const shown: number[] = [];
    const faults = [
      killProcess("100ms").at(50 + 11 * seed),
      killProcess("100ms").at(250 + 13 * seed),
      crash(host(1 + (seed % 2))).randomly(2),
    ];

    const options = { guarantee: "at-most-once", quietAfter: "1s", limit: "1m" } as const;
    const simulation = await simulate(carried(shown), { seed, faults, ...options });

    expect(simulation.violations).toEqual([]);
    expect(simulation.lives).toBe(3);
    expect(new Set(shown).size).toBe(shown.length);
    const missing = eventCount - shown.length;
    expect(missing, `seed ${seed}`).toBeLessThanOrEqual(simulation.report?.lostEvents ?? 0);
    missingEvents += missing;
  }
  expect(missingEvents).toBeGreaterThan(0);
});
