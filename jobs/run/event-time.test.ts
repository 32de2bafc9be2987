import { describe, expect, test } from "vitest";
import { type EventTimeOptions, generate, type ProcessContext } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulatedExactlyOnce } from "../fixtures/simulated-exactly-once.ts";
import { crash, host, killProcess, type PlannedFault } from "../simulation/fault.ts";

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
