import { describe, expect, test } from "vitest";
import { aggregate, count, type Forecast, generate, sum } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import type { KeyedValue } from "../keyed-stream.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";

interface Reading {
  readonly sensor: number;
  readonly id: number;
  readonly level: number;
  readonly time: number;
}

type Total = KeyedValue<number, { readonly n: number; readonly sum: number }>;

const readingCount = 2_000;
const withinMs = 500;

/** The same for each number; ids come again, some of them when their time is over. */
function readingOf(number: number): Reading {
  const hash = Math.imul(number + 1, 2_654_435_761) >>> 0;
  return { sensor: hash % 17, id: (hash >>> 8) % 5, level: (hash >>> 16) % 4, time: number * 10 };
}

const job = defineJob("readings", (builder) => {
  const readings = builder
    .source("readings", generate({ count: readingCount, from: readingOf }))
    .eventTime("time", { time: ({ time }) => time })
    .keyBy(({ sensor }) => sensor);
  const once = readings.dedupe("once", { by: ({ id }) => id, within: withinMs, parallelism: 4 });
  once.collect("found-once");
  once.late().collect("late");
  readings.changes("moved", (before, { level }) => before.level === level, { parallelism: 4 }).collect("found-moved");
  readings
    .aggregate("totals", aggregate({ n: count(), sum: sum(({ level }) => level) }), { parallelism: 4 })
    .collect("found-totals");
  readings.zScore("scores", ({ level }) => level, { parallelism: 4 }).collect("found-scores");
});

const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["without faults", []],
  ["when instances throw", [crash("once", 1).after(100), crash("moved", 2).after(200), crash("scores", 3).after(300)]],
  ["when threads and the process are lost", [crash(host(1)).at(15), killProcess().at(30)]],
];

describe("over many keys on four instances the tools find what a loop over each key finds", () => {
  const expected = model();

  test.each(plans)("%s", async (_, faults) => {
    const simulation = await simulatedExactlyOnce(job, { seed: 5, faults });

    expect(byTime(simulation.collected<Reading>("found-once"))).toEqual(expected.once);
    expect(simulation.collected("late")).toEqual([]);
    expect(byTime(simulation.collected<Reading>("found-moved"))).toEqual(expected.moved);
    expect(printed(simulation.collected<Total>("found-totals"))).toEqual(printed(expected.totals));
    const scores = simulation.collected<Forecast<Reading, number>>("found-scores");
    const means = scores.map(({ event, value, forecast }) => ({ event, value, forecast }));
    expect(means.toSorted((left, right) => left.event.time - right.event.time)).toEqual(expected.means);
    expect(expected.once.length).toBeLessThan(readingCount * 0.9);
    expect(expected.moved.length).toBeLessThan(readingCount * 0.9);
  });
});

function model() {
  const once: Reading[] = [];
  const moved: Reading[] = [];
  const totals: Total[] = [];
  const forecasts: Pick<Forecast<Reading, number>, "event" | "value" | "forecast">[] = [];
  const means = new Map<number, number>();
  const passed = new Map<string, number>();
  const last = new Map<number, number>();
  const sums = new Map<number, { readonly n: number; readonly sum: number }>();
  for (let number = 0; number < readingCount; number += 1) {
    const reading = readingOf(number);
    const { sensor, id, level, time } = reading;
    const before = passed.get(`${sensor} ${id}`);
    if (before === undefined || time - before >= withinMs) {
      passed.set(`${sensor} ${id}`, time);
      once.push(reading);
    }
    if (last.get(sensor) !== level) moved.push(reading);
    last.set(sensor, level);
    const { n, sum } = sums.get(sensor) ?? { n: 0, sum: 0 };
    sums.set(sensor, { n: n + 1, sum: sum + level });
    // Levels are small whole numbers, but means of them are rounded: by the steps of Welford's method, always alike.
    const mean = means.get(sensor);
    forecasts.push({ event: reading, value: level, forecast: mean });
    means.set(sensor, (mean ?? 0) + (level - (mean ?? 0)) / (n + 1));
    totals.push({ key: sensor, value: { n: n + 1, sum: sum + level } });
  }
  return { once, moved, totals, means: forecasts };
}

function byTime(readings: readonly Reading[]): Reading[] {
  return readings.toSorted((left, right) => left.time - right.time);
}

function printed(totals: readonly Total[]): string[] {
  return totals.map(({ key, value: { n, sum } }) => `${key} ${n} ${sum}`).toSorted();
}
