import { describe, expect, test } from "vitest";
import { type EventTimeOptions, generate, type ProcessContext } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";
import { alignmentPauseMs } from "./source-alignment.ts";

interface Tick {
  readonly source: "slow" | "fast";
  readonly time: number;
}

const second = 1_000;

/** One source gives a second of event time each 10 ms, the other an hour at once. */
const meeting = (settings: EventTimeOptions<Tick>) =>
  defineJob("meeting", (job) => {
    const rates = { slow: { count: 200, rate: 100 }, fast: { count: 4_000 } };
    const [slow, fast] = (["slow", "fast"] as const).map((source) =>
      job
        .source(source, generate(rates[source]))
        .map(`${source}-tick`, (number): Tick => ({ source, time: number * second }))
        .eventTime(`${source}-time`, { time: ({ time }) => time, outOfOrderness: "1s", ...settings }),
    );
    slow
      ?.union(fast as NonNullable<typeof fast>)
      .shuffle()
      .process("measure", leads, { parallelism: 2 })
      .collect("leads");
  });

/** How far ahead each event of the fast source is, as long as there is a slow one. */
function leads() {
  return {
    onEvent({ source, time }: Tick, context: ProcessContext<number>): void {
      if (source === "fast" && context.watermark < 198 * second) context.emit(time - Math.max(0, context.watermark));
    },
  };
}

async function longestLead(settings: EventTimeOptions<Tick>, faults: readonly PlannedFault[] = []): Promise<number> {
  const simulation = await simulate(meeting(settings), {
    seed: 3,
    faults,
    threads: 2,
    guarantee: "exactly-once",
    epochInterval: 50,
  });
  expect(simulation).toMatchObject({ status: "completed", assertions: [] });
  return Math.max(...simulation.collected<number>("leads"));
}

describe("a source that runs ahead in event time", () => {
  test("reads on by default", async () => {
    expect(await longestLead({})).toBeGreaterThan(3_000 * second);
  });

  test.each<[string, PlannedFault[]]>([
    ["", []],
    [" also after a thread was lost", [crash(host(1)).at(300), crash(host(2)).at(700)]],
    [" also after the process was killed", [killProcess().at(400)]],
  ])("waits for the slowest one where it may not drift,%s", async (_, faults) => {
    // What is read at a time, and what the slow one comes on between two looks, is added to the drift.
    expect(await longestLead({ maxDrift: "60s" }, faults)).toBeLessThan(1_500 * second);
  });
});

test.each([
  ["four times while the slowest comes on by the drift", 20_000, 100_000, 40, 2],
  ["the less often, the slower it is", 20_000, 10_000, 40, 20],
  ["every 100 ms at least", 20_000, 10, 40, 100],
  ["every 100 ms where the slowest stands still", 20_000, 0, 40, 100],
  ["every 100 ms where the slowest has become another one, which is behind", 20_000, -5_000, 40, 100],
  ["every 100 ms where nobody is the slowest", 20_000, Number.POSITIVE_INFINITY, 40, 100],
  ["every 100 ms where nothing is known of before", 20_000, Number.NaN, 40, 100],
  ["every 2 ms at most", 20, 100_000, 40, 2],
  ["every 2 ms at most also without any drift", 0, 100, 40, 2],
])("sources are told how far they may go %s", (_, driftMs, movedMs, elapsedMs, pauseMs) => {
  expect(alignmentPauseMs(driftMs, movedMs, elapsedMs)).toBe(pauseMs);
});

test("only the stream directly behind a source can be kept from drifting", async () => {
  await using system = await ActorSystem.start();
  const job = defineJob("apart", (job) => {
    job
      .source("numbers", generate({ count: 1 }))
      .shuffle()
      .eventTime("time", { time: (number) => number, maxDrift: "1s" }, { parallelism: 2 })
      .collect("all");
  });

  await expect(system.submit(job)).rejects.toMatchObject({
    code: "ERR_RT_OPTION",
    message: expect.stringContaining(
      'operator "time": eventTime: maxDrift: expected a stream directly behind its source',
    ),
  });
});
