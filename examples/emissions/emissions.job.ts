/**
 * How much is emitted in each zone of a city, every five minutes: each passage is joined with the temperature that was measured there last, by
 * event time, and what comes of it is summed by windows.
 */

import { aggregate, count, defineJob, generate, sum, tumbling } from "../../jobs/index.ts";
import { disorderMs, gramsOf, passage, passageCount, temperature, temperatureCount } from "./passage.ts";

export default defineJob("emissions", import.meta.url, (job) => {
  const timed = {
    time: ({ atMs }: { readonly atMs: number }) => atMs,
    outOfOrderness: disorderMs,
    // The times are made up, and may lie in front of the clock.
    maxAhead: false as const,
  };
  const passages = job
    .source("sensors", generate({ count: passageCount }))
    .map("passage", passage)
    .eventTime("passage-time", timed)
    .keyBy(({ zone }) => zone);
  const temperatures = job
    .source("thermometers", generate({ count: temperatureCount }))
    .map("temperature", temperature)
    .eventTime("temperature-time", timed)
    .keyBy(({ zone }) => zone);

  const emitted = passages.intervalJoin(
    "emitted",
    temperatures,
    // Once a minute: of the minute before a passage there is one.
    { lower: "-1m", upper: 0, excludeLower: true },
    (passing, measured) => ({ zone: passing.zone, grams: gramsOf(passing, measured) }),
    { parallelism: 2 },
  );
  emitted
    .keyBy(({ zone }) => zone)
    .window("per-five-minutes", tumbling("5m"), aggregate({ vehicles: count(), grams: sum(({ grams }) => grams) }))
    .collect("zones");
});
