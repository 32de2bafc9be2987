import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { fromIterable, type KeyedWindowResult } from "../../jobs/index.ts";
import { crash, killProcess, type PlannedFault, simulate } from "../../jobs/testing/index.ts";
import { type Flight, reportedAt } from "./flight.ts";
import punctuality, { allowedLatenessMs, type Hour } from "./punctuality.job.ts";

const hourMs = 3_600_000;
let flights: readonly Flight[];

beforeAll(() => {
  const path = fileURLToPath(new URL("../data/flights-2k.json", import.meta.resolve("vega-datasets")));
  const rows = JSON.parse(readFileSync(path, "utf8")) as { date: string; delay: number; origin: string }[];
  // Two thousand of three months, moved together to four days, so that hours have several flights.
  const first = dateOf((rows[0] as { date: string }).date);
  flights = rows.map(({ date, delay, origin }, index) => ({
    date: Math.round(first + (dateOf(date) - first) / 22),
    // One that leaves a day later is late, whichever operator is the faster one.
    delay: index === 1_000 ? 24 * 60 : delay,
    origin: origin < "M" ? "west" : "east",
  }));
});

function dateOf(text: string): number {
  return Date.parse(`${text.replaceAll("/", "-").replace(" ", "T")}Z`);
}

const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["without a fault", []],
  [
    "when an operator throws and the process dies",
    [crash("hours", 0).after(200), killProcess().at(60), killProcess().at(1_160)],
  ],
];

test.each(plans)("the last word on each hour and what came too late are all flights, %s", async (_, faults) => {
  const simulation = await simulate(punctuality, {
    seed: 7,
    params: {},
    sources: { flights: fromIterable(() => flights) },
    faults,
    guarantee: "exactly-once",
    epochInterval: 10,
    creditEvents: 64,
  });

  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  expect(simulation.struck).toHaveLength(faults.length);
  expect(simulation.collected("too-early")).toEqual([]);
  const late = simulation.collected<Flight>("late");
  const hourOf = ({ origin, date }: Flight) => `${origin} ${Math.floor(date / hourMs) * hourMs}`;
  const wanted = Map.groupBy(flights, hourOf);
  const lateOf = Map.groupBy(late, hourOf);
  const told = Map.groupBy(
    simulation.collected<KeyedWindowResult<string, Hour>>("told"),
    ({ key, window }) => `${key} ${window.start}`,
  );

  for (const [hour, of] of wanted) {
    const inTime = of.length - (lateOf.get(hour)?.length ?? 0);
    const results = told.get(hour) ?? [];
    expect(results.map(({ revision }) => revision)).toEqual(results.map((_, index) => index));
    expect(results.at(-1)?.value.flights ?? 0, hour).toBe(inTime);
  }
  expect([...told.values()].some((results) => results.length > 1)).toBe(true);
  // Nobody is refused whose report came within the time that an hour is kept.
  for (const flight of late) {
    const end = (Math.floor(flight.date / hourMs) + 1) * hourMs;
    expect(reportedAt(flight)).toBeGreaterThan(end + allowedLatenessMs);
  }
  expect(late.length).toBeGreaterThan(0);
});
