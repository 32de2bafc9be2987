import { expect, test } from "vitest";
import type { KeyedWindowResult } from "../../jobs/index.ts";
import { crash, host, killProcess, type PlannedFault, simulate } from "../../jobs/testing/index.ts";
import emissions from "./emissions.job.ts";
import { gramsOf, type Passage, passage, passageCount, temperature, temperatureCount } from "./passage.ts";

type Result = KeyedWindowResult<string, { readonly vehicles: number; readonly grams: number }>;

/** By looking through everything. */
function expected(): Record<string, { vehicles: number; grams: number }> {
  const temperatures = Array.from({ length: temperatureCount }, (_, number) => temperature(number));
  const totals: Record<string, { vehicles: number; grams: number }> = {};
  for (let number = 0; number < passageCount; number += 1) {
    const passing: Passage = passage(number);
    const measured = temperatures.findLast(({ zone, atMs }) => zone === passing.zone && atMs <= passing.atMs);
    const window = Math.floor(passing.atMs / 300_000) * 300_000;
    const { vehicles, grams } = totals[`${passing.zone} ${window}`] ?? { vehicles: 0, grams: 0 };
    totals[`${passing.zone} ${window}`] = {
      vehicles: vehicles + 1,
      grams: grams + (measured === undefined ? Number.NaN : gramsOf(passing, measured)),
    };
  }
  return totals;
}

const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["without a fault", []],
  ["when a thread and the process die", [crash("emitted", 0).after(300), crash(host(1)).at(30), killProcess().at(60)]],
];

test.each(plans)("every passage counts once, with the temperature of its minute, %s", async (_, faults) => {
  const simulation = await simulate(emissions, { seed: 4, faults, guarantee: "exactly-once", epochInterval: 10 });

  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  const totals = Object.fromEntries(
    simulation.collected<Result>("zones").map(({ key, window, value }) => [`${key} ${window.start}`, value]),
  );
  const wanted = expected();
  expect(Object.keys(totals).sort()).toEqual(Object.keys(wanted).sort());
  for (const [zone, { vehicles, grams }] of Object.entries(wanted)) {
    expect(totals[zone]?.vehicles).toBe(vehicles);
    expect(totals[zone]?.grams).toBeCloseTo(grams, 3);
  }
});
