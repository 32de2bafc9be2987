import { describe, expect, test } from "vitest";
import { generate, type ProcessContext } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import type { Job } from "../job-builder.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

const eventCount = 2_000;
const keyCount = 7;

/** Counts the events of each key and 100 ms of event time, once that is over. */
function perStep() {
  return {
    onEvent(time: number, { state, timers, time: at }: ProcessContext<string>): void {
      if (time === 666) throw new Error("poison");
      const last = Math.floor((at ?? 0) / 100) * 100 + 99;
      const counts = state.map<number, number>("counts");
      counts.set(last, (counts.get(last) ?? 0) + 1);
      timers.setEventTime(last);
    },
    onTimer({ time, key }: { readonly time: number; readonly key: unknown }, context: ProcessContext<string>): void {
      context.emit(`${String(key)} until ${time}: ${context.state.map<number, number>("counts").get(time)}`);
    },
  };
}

function steps(prepare: (job: Job) => void) {
  return defineJob("steps", (job) => {
    prepare(job);
    const numbers = job
      .source("numbers", generate({ count: eventCount, rate: 20_000 }))
      .eventTime("time", { time: (number) => number })
      .map("same", (number) => number, { parallelism: 2 });
    numbers
      .keyBy((number) => number % keyCount)
      .process("per-step", perStep, { supervision: { messageRetries: 2 } })
      .collect("steps");
    job
      .deadLetters()
      .map("given-up", ({ value }) => value)
      .collect("letters");
  });
}

async function run(prepare: (job: Job) => void, faults: readonly PlannedFault[]): Promise<readonly string[]> {
  const simulation = await simulate(steps(prepare), {
    seed: 5,
    faults,
    threads: 2,
    guarantee: "exactly-once",
    epochInterval: 20,
  });
  expect(simulation).toMatchObject({ status: "completed", assertions: [] });
  expect(simulation.collected("letters")).toEqual([666]);
  return [...simulation.collected<string>("steps")].sort();
}

describe("a job in micro-batches", () => {
  const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
    ["without a fault", []],
    ["when threads are lost", [crash(host(1)).at(35), crash(host(2)).at(60)]],
    ["when the process is killed", [killProcess().at(40), killProcess().at(80)]],
  ];

  test.each(plans)("has the results of one that works event by event, %s", async (_, faults) => {
    const native = await run(() => undefined, []);
    expect(native).toHaveLength((eventCount / 100) * keyCount);

    expect(await run((job) => job.microBatch({ interval: "10ms" }), faults)).toEqual(native);
  });
});

test("what an operator says itself counts", async () => {
  const seen: string[] = [];
  const job = defineJob("mixed", (job) => {
    job.microBatch({ interval: "1h" });
    const numbers = job.source("numbers", generate({ count: 3, rate: 10 }));
    numbers.tap("native", (number) => void seen.push(`native ${number}`), { microBatch: false });
    numbers.tap("batched", (number) => void seen.push(`batched ${number}`));
  });

  const simulation = await simulate(job, { seed: 1, guarantee: "at-most-once" });

  expect(simulation.status).toBe("completed");
  const batched = seen.findIndex((text) => text.startsWith("batched"));
  expect(batched).toBeGreaterThan(1);
  expect(seen.slice(batched, batched + 3)).toEqual(["batched 0", "batched 1", "batched 2"]);
});

test("micro-batches without an interval are refused where they are asked for", async () => {
  const job = defineJob("wrong", (job) => job.microBatch({ interval: "0s" }));

  await expect(simulate(job, { seed: 1 })).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
});
