/** Sources with event time that go on with another number of instances: what one instance reads of several shares. */

import { expect, test } from "vitest";
import { count, defineSource, tumbling } from "../../actors/index.ts";
import type { Duration } from "../../runtime/index.ts";
import { defineJob } from "../define-job.ts";
import { simulate } from "./simulate.ts";

interface Step {
  readonly share: number;
  readonly seq: number;
  readonly at: number;
}

/** Event time has come to an event of a share. */
interface Due {
  readonly share: number;
  readonly seq: number;
  /** How many events had been emitted by then. */
  readonly emitted: number;
}

const startMs = 1_767_000_000_000;
const stepMs = 10;

/** What each share holds, one every ms; the shares lie apart in event time. */
interface Shares {
  readonly counts: readonly number[];
  readonly apartMs: number;
}

function steps({ counts, apartMs }: Shares, note: () => void) {
  return defineSource<Step>({
    kind: "steps",
    bounded: true,
    replayable: true,
    create: () => {
      let next = 0;
      let share = 0;
      let dueMs = 0;
      let clock: { monotonicMs(): number; after(ms: number, act: () => void): unknown };
      let wake: () => void;
      return {
        open: (context, position) => {
          share = context.instance;
          clock = context.clock;
          wake = () => context.wake();
          if (typeof position === "number") next = position;
        },
        poll: (output) => {
          const end = counts[share] ?? 0;
          if (next >= end) return "end";
          if (clock.monotonicMs() < dueMs) return "waiting";
          note();
          output.emit({ share, seq: next, at: startMs + share * apartMs + next * stepMs });
          next += 1;
          if (next >= end) return "end";
          dueMs = clock.monotonicMs() + 1;
          clock.after(1, wake);
          return "waiting";
        },
        position: () => next,
      };
    },
  });
}

/** Runs two shares, then one instance that reads both. */
async function rescaled(shares: Shares, idleAfter: Duration | false, splitBy?: (step: Step) => number) {
  let emitted = 0;
  const dues: Due[] = [];
  const jobOf = (parallelism: number) =>
    defineJob("rescaled", (job) => {
      const timed = job
        .source(
          "steps",
          steps(shares, () => (emitted += 1)),
          { parallelism },
        )
        .eventTime(
          "at",
          { time: ({ at }) => at, idleAfter, ...(splitBy === undefined ? {} : { splitBy }) },
          { parallelism },
        )
        .keyBy(({ share }) => share);
      const windows = timed.window("windows", tumbling(5 * stepMs), count());
      windows.collect("counts");
      windows.late().collect("late");
      timed
        .process<Step>("due", () => ({
          onEvent: ({ seq }, { time = 0, timers }) => timers.setEventTime(time, String(seq)),
          onTimer: ({ name }, { key }) => void dues.push({ share: key as number, seq: Number(name), emitted }),
        }))
        .collect("none");
    });
  const simulation = await simulate(jobOf(2), {
    seed: 7,
    guarantee: "exactly-once",
    threads: 2,
    epochInterval: 10,
    quietAfter: "1s",
    versions: [{ definition: jobOf(1), threads: 2, by: "stop", when: () => emitted >= 120 }],
  });
  expect(simulation.violations).toEqual([]);
  expect(simulation.status).toBe("completed");
  expect(simulation.report?.operators[0]?.instances).toHaveLength(1);
  return { lateEvents: simulation.collected("late").length, dues };
}

test("shares that lie apart in event time make nothing late where splitBy tells them apart", async () => {
  const shares = { counts: [400, 400], apartMs: 5_000 };
  const apart = await rescaled(shares, false, ({ share }) => share);
  const together = await rescaled(shares, false);

  expect(apart.lateEvents).toBe(0);
  // One split, so that event time is that of the share in front.
  expect(together.lateEvents).toBeGreaterThan(0);
});

test("a share that has ended holds up the event time of the others until its split is idle", async () => {
  const { dues, lateEvents } = await rescaled({ counts: [100, 400], apartMs: 0 }, "100ms", ({ share }) => share);
  const emitted = (seq: number) => dues.find((due) => due.share === 1 && due.seq === seq)?.emitted;

  expect(lateEvents).toBe(0);
  expect(emitted(110)).toBeGreaterThan(240);
  expect(emitted(200)).toBeLessThan(310);
});
