/** What can be said to `simulate` besides seed and faults: when it ends, what stands in for sources and sinks, frozen events. */

import { expect, test } from "vitest";
import { discard, fromIterable, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, fail, killProcess } from "./fault.ts";
import { simulate } from "./simulate.ts";

interface Ride {
  readonly city: string;
  minutes: number;
}

const endless = defineJob("endless", (job) => {
  job.source("ticks", generate({ rate: 100 })).collect("all");
});

const written = defineJob("written", (job) => {
  job
    .source("rides", generate({ rate: 1, from: (): Ride => ({ city: "Ulm", minutes: 1 }) }))
    .keyBy((ride) => ride.city)
    .count("per-city", { parallelism: 2 })
    .sink("report", discard(), { parallelism: 2 });
});

const changing = defineJob("changing", (job) => {
  job
    .source("rides", fromIterable<Ride>([{ city: "Ulm", minutes: 12 }]))
    .map("round", (ride) => {
      ride.minutes = 10;
      return ride;
    })
    .collect("rounded");
});

test("a job without an end is drained after the duration, in whichever life of its process", async () => {
  const calm = await simulate(endless, { seed: 1, duration: "2s" });
  const killed = await simulate(endless, { seed: 1, duration: "2s", faults: [killProcess("3s").at("1s")] });

  expect(calm).toMatchObject({ status: "completed", lives: 1 });
  expect(calm.collected("all").length).toBeGreaterThan(150);
  expect(calm.elapsedMs).toBeGreaterThanOrEqual(2_000);
  expect(calm.elapsedMs).toBeLessThan(3_000);
  expect(killed).toMatchObject({ status: "completed", lives: 2 });
});

test("a job is drained once the condition holds", async () => {
  const simulation = await simulate(endless, { seed: 1, until: ({ collected }) => collected("all").length >= 50 });

  expect(simulation.status).toBe("completed");
  expect(simulation.collected("all").length).toBeGreaterThanOrEqual(50);
  expect(simulation.elapsedMs).toBeLessThan(2_000);
});

test("sources and sinks that reach outside are stood in for, and exactly-once holds for those as well", async () => {
  const rides = ["Ulm", "Bonn", "Ulm"].flatMap((city) => Array.from({ length: 200 }, () => ({ city, minutes: 1 })));
  const options = { sources: { rides: fromIterable(rides) }, collect: ["report"], epochInterval: 5, creditEvents: 16 };

  for (let seed = 0; seed < 10; seed += 1) {
    const faults = [crash("per-city", 1).after(90), fail("report", 0).after(20), killProcess().at(60)];
    const simulation = await simulate(written, { ...options, seed, faults });

    expect(simulation, `seed ${seed}`).toMatchObject({ status: "completed", sinks: ["report"] });
    const counts = simulation.collected<{ key: string; count: number }>("report");
    expect(counts.map(({ key, count }) => `${key} ${count}`).toSorted(), `seed ${seed}`).toEqual(
      [
        ...Array.from({ length: 400 }, (_, index) => `Ulm ${index + 1}`),
        ...Array.from({ length: 200 }, (_, index) => `Bonn ${index + 1}`),
      ].toSorted(),
    );
  }
});

test("an operator that changes an event fails the run at once, with an error that names both, and no dead letter", async () => {
  const frozen = await simulate(changing, { seed: 1 });
  const thawed = await simulate(changing, { seed: 1, freeze: false });

  expect(frozen).toMatchObject({
    status: "failed",
    error: { code: "ERR_ACT_EVENT_MUTATED", details: { operator: "round", event: expect.stringContaining("Ulm") } },
  });
  expect(thawed).toMatchObject({ status: "completed" });
  expect(thawed.collected("rounded")).toEqual([{ city: "Ulm", minutes: 10 }]);
});

test.each([
  ["a source that the job does not have", { sources: { cars: fromIterable([1]) } }, "ERR_JOB_OPERATOR_UNKNOWN"],
  ["a sink that the job does not have", { collect: ["per-city"] }, "ERR_JOB_OPERATOR_UNKNOWN"],
  ["a duration that is none", { duration: "soon" as "1s" }, "ERR_RT_OPTION"],
  ["a condition that is none", { until: true as unknown as () => boolean }, "ERR_RT_OPTION"],
])("%s is refused", async (_what, options, code) => {
  await expect(simulate(written, { seed: 1, ...options })).rejects.toMatchObject({ code });
});

test("a history names operators and what happens to them", async () => {
  const { history = [] } = await simulate(written, {
    seed: 3,
    history: true,
    sources: { rides: fromIterable(Array.from({ length: 50 }, () => ({ city: "Ulm", minutes: 1 }))) },
    collect: ["report"],
    faults: [fail("per-city", 1).after(10), fail("per-city", 0).after(10), crash("report", 1).at(1)],
  });

  const text = history.join("\n");
  expect(history.every((line) => /^\d+\.\d{3} (host \d|thread \d+|outside|fault)/.test(line))).toBe(true);
  for (const happening of [
    /^\S+ host \d: timer/m,
    /; per-city\/\d takes \d+/,
    /^\S+ host \d < host \d: \d+ bytes/m,
    /; per-city\/\d fails: per-city\/\d failed at event 10, as planned/,
    /; per-city\/\d has failed, restart: /,
    /; per-city\/\d restarts as incarnation 1/,
    /^\S+ fault: \{"kind":"crash"/m,
    /; host \d is lost: thread \d died: a simulated crash/,
    /; report\/\d closes epoch \d/,
    /; epoch \d is complete/,
  ])
    expect(text).toMatch(happening);
});
