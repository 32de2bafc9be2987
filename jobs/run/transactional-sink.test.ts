/** What a run says and does while sinks wait for their commits, and when what they write is to be seen. */

import { beforeEach, expect, test } from "vitest";
import { defineTransactionalSink, generate, type SinkSpec } from "../../actors/index.ts";
import { SystemClock, VirtualClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { JobRun } from "./job-run.ts";

const epochInterval = 100;
const minuteMs = 60_000;
const realClock = new SystemClock();
let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock();
});

/** Lets everything happen that is due within the next `durationMs`. */
async function pass(durationMs: number): Promise<void> {
  const endMs = clock.monotonicMs() + durationMs;
  for (let idle = 0; idle < 3; ) {
    clock.advance(0);
    await new Promise<void>((resolve) => realClock.soon(resolve));
    const delayMs = clock.nextDelayMs();
    if (delayMs === 0) idle = 0;
    else if (delayMs !== undefined && clock.monotonicMs() + delayMs <= endMs) clock.advance(delayMs);
    else idle += 1;
  }
  clock.advance(endMs - clock.monotonicMs());
}

/** A sink that shows its events here when it commits. */
function showing(shown: unknown[], commit: () => void = () => undefined): SinkSpec<unknown> {
  return defineTransactionalSink<unknown, unknown[], unknown[]>({
    kind: "showing",
    create: () => ({
      begin: () => [],
      write: (rows, more) => void rows.push(...more),
      prepare: (rows) => rows,
      commit: (rows) => {
        commit();
        shown.push(...rows);
      },
    }),
  });
}

async function submitted(count: number, rate: number, sink: SinkSpec<unknown>): Promise<JobRun> {
  const system = await ActorSystem.start({ clock, logger: { log: () => undefined } });
  const job = defineJob("committing", (build) => {
    const numbers = build.source("numbers", generate({ count, rate }));
    numbers.collect("collected");
    numbers.sink("sink", sink);
  });
  return system.submit(job, { guarantee: "exactly-once", epochInterval });
}

test("what was emitted is to be seen one epoch interval later", async () => {
  const shown: unknown[] = [];
  const run = await submitted(10_000, 1_000, showing(shown));
  await pass(5 * epochInterval);
  const emitted = (await reportOf(run)).operators[0]?.total.out ?? 0;
  expect(emitted).toBeGreaterThan(100);

  await pass(epochInterval + 1);

  expect(shown.length).toBeGreaterThanOrEqual(emitted);
  expect(run.collected("collected").length).toBeGreaterThanOrEqual(emitted);
  await Promise.all([run.cancel(), pass(minuteMs)]);
});

test("a run whose sink cannot commit waits, says for what, and ends when it can", async () => {
  const shown: unknown[] = [];
  let isDown = true;
  const run = await submitted(
    10,
    1_000,
    showing(shown, () => {
      if (isDown) throw new Error("the target is down");
    }),
  );

  await pass(20 * minuteMs);

  expect(run.status).toBe("running");
  const waits = /^the transaction of epoch 1 to be committed, which failed \d+ times: the target is down$/;
  const { waitingFor, operators } = await reportOf(run);
  expect(waitingFor).toMatchObject([{ operator: "sink", waitsFor: expect.stringMatching(waits) }]);
  expect(operators.at(-1)?.instances[0]?.waitsFor).toMatch(waits);
  expect(shown).toEqual([]);

  isDown = false;
  await pass(minuteMs);

  expect((await run.completed).status).toBe("completed");
  expect(shown).toEqual(Array.from({ length: 10 }, (_, index) => index));
});

async function reportOf(run: JobRun) {
  const report = run.report();
  await pass(0);
  return await report;
}
