import { describe, expect, test } from "vitest";
import { type EventTimeOptions, generate, type ProcessContext } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

interface Seen {
  readonly source: string;
  readonly time: number;
  readonly watermark: number;
}

const eventCount = 2_000;

/** Two sources, one ten times ahead of the other, that meet behind a shuffle in two instances. */
const meeting = (settings: EventTimeOptions<{ time: number }>) =>
  defineJob("meeting", (job) => {
    const streams = ["slow", "fast"].map((name, index) =>
      job
        .source(`${name}-numbers`, generate({ count: eventCount }))
        .map(name, (number) => ({ source: name, time: number * (1 + 9 * index) }))
        .eventTime(`time-of-${name}`, { ...settings, time: ({ time }) => time }),
    );
    const [slow, fast] = streams as [(typeof streams)[0], (typeof streams)[0]];
    slow.union(fast).shuffle().process("seen", seen, { parallelism: 2 }).collect("all");
  });

function seen() {
  return {
    onEvent({ source, time }: { source: string; time: number }, context: ProcessContext<Seen>): void {
      context.emit({ source, time, watermark: context.watermark });
    },
  };
}

async function run(faults: readonly PlannedFault[], seed: number): Promise<readonly Seen[]> {
  const simulation = await simulatedExactlyOnce(meeting({}), { seed, faults });

  return simulation.collected<Seen>("all");
}

describe("where streams meet", () => {
  const plans: readonly (readonly [string, readonly PlannedFault[]])[] = [
    ["without a fault", []],
    ["when the thread of one instance is lost", [crash("seen", 1).after(300), crash(host(1)).at(60)]],
    ["when the process is killed", [killProcess().at(40), killProcess().at(90)]],
  ];

  test.each(plans)("no event is late, and event time goes on with the slower one, %s", async (_, faults) => {
    for (const seed of [1, 2, 3]) {
      const events = await run(faults, seed);

      expect(events.length).toBe(2 * eventCount);
      expect(events.filter(({ time, watermark }) => time <= watermark)).toEqual([]);
      expect(Math.max(...events.map(({ watermark }) => watermark))).toBeGreaterThan(eventCount / 2);
      const fast = events.filter(({ source }) => source === "fast");
      expect(Math.max(...fast.map(({ watermark }) => watermark))).toBeLessThan(10 * eventCount);
    }
  });
});

test("a source that has ended falls idle for nobody: its end stays the last thing that it has said", async () => {
  const job = defineJob("unequal", (builder) => {
    const [short, long] = [10, 300].map((count) =>
      builder
        .source(`${count}-numbers`, generate({ count, rate: 1_000 }))
        .eventTime(`time-of-${count}`, { time: (number) => number, idleAfter: "20ms" }),
    );
    short?.union(long as NonNullable<typeof long>).collect("all");
  });

  // The process of the second run starts when the short source has ended.
  for (const faults of [[], [killProcess().at(150)]]) {
    const simulation = await simulate(job, { seed: 1, epochInterval: 10, faults });

    expect(simulation).toMatchObject({ status: "completed", violations: [] });
    expect(simulation.collected("all")).toHaveLength(310);
  }
});
