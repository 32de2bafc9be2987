import { expect, test } from "vitest";
import { forEach, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, host, killProcess } from "./fault.ts";
import { simulate } from "./simulate.ts";
import { TestSink } from "./test-sink.ts";

const eventCount = 100_000;
/** Fewer than a source reserves that reads fast. */
const shortCount = 1_000;

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

test("at-most-once, what was reserved behind the end of the input was never lost", async () => {
  const shown: number[] = [];
  const job = defineJob("short", import.meta.url, (job) => {
    job.source("numbers", generate({ count: shortCount })).sink(
      "out",
      forEach((number) => void shown.push(number)),
    );
  });
  let missingEvents = 0;
  for (let atMs = 20; atMs < 60; atMs += 1) {
    shown.length = 0;
    const faults = [killProcess("10ms").at(atMs)];
    const options = { guarantee: "at-most-once", threads: 1, quietAfter: "1s" } as const;
    const { report } = await simulate(job, { seed: 1, faults, ...options });

    const missing = shortCount - shown.length;
    missingEvents += missing;
    // What was handed on since it was reserved is in flight as well.
    expect(report?.lostEvents, `death at ${atMs} ms`).toBeGreaterThanOrEqual(missing);
    expect(report?.lostEvents, `death at ${atMs} ms`).toBeLessThanOrEqual(2 * shortCount);
  }
  expect(missingEvents).toBeGreaterThan(0);
});

test("at-most-once, a process that dies when its job has ended, before anybody has the report, is counted by the next one", async () => {
  let hasDiedAtTheEnd = false;
  // 9, 24: once a transactional sink stood still. 5, 40, 71: the process dies between the end of its job and the report.
  for (const seed of [5, 9, 24, 40, 71]) {
    const sink = new TestSink<number>();
    const job = defineJob("transacted", import.meta.url, (job) => {
      job
        .source("numbers", generate({ count: 40_000 }), { parallelism: 2 })
        .map("same", (number) => number, { parallelism: 3 })
        .map("again", (number) => number, { parallelism: 2 })
        .sink("out", sink);
    });
    const faults = [killProcess().randomly(2), crash(host(1 + (seed % 2))).randomly(1 + (seed % 3))];

    const options = { guarantee: "at-most-once", quietAfter: "3s", freeze: false } as const;
    const simulation = await simulate(job, { seed, faults, ...options });

    expect(simulation.violations).toEqual([]);
    expect(new Set(sink.received).size).toBe(sink.received.length);
    const missing = 40_000 - sink.received.length;
    expect(missing, `seed ${seed}`).toBeLessThanOrEqual(simulation.report?.lostEvents ?? 0);
    // The last life has found a job that had ended.
    if (simulation.report?.operators[0]?.total.in === 0) hasDiedAtTheEnd = true;
  }
  expect(hasDiedAtTheEnd).toBe(true);
});
