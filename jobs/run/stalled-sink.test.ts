/** What becomes of a run whose sink stalls: memory, sources, what the run says, and how it ends or goes on. */

import { beforeEach, describe, expect, test } from "vitest";
import { discard, forEach, generate } from "../../actors/index.ts";
import { type LogLevel, SystemClock, VirtualClock } from "../../runtime/index.ts";
import { ActorSystem, type SubmitOptions } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Job } from "../job-builder.ts";
import type { JobRun } from "./job-run.ts";
import type { RunReport } from "./run-report.ts";

const retentionBytes = 100_000;
const minuteMs = 60_000;
const realClock = new SystemClock();
/** All has been done that only waited for promises which had resolved. */
const promisesDone = () => new Promise<void>((resolve) => realClock.soon(resolve));
let clock: VirtualClock;
let warnings: string[];

beforeEach(() => {
  clock = new VirtualClock();
  warnings = [];
});

/** Lets everything happen that is due within the next `durationMs`; returns when the run has nothing more to do in it. */
async function pass(durationMs: number): Promise<void> {
  const endMs = clock.monotonicMs() + durationMs;
  for (let idle = 0; idle < 3; ) {
    clock.advance(0);
    await promisesDone();
    const delayMs = clock.nextDelayMs();
    if (delayMs === 0) idle = 0;
    else if (delayMs !== undefined && clock.monotonicMs() + delayMs <= endMs) clock.advance(delayMs);
    else idle += 1;
  }
  clock.advance(endMs - clock.monotonicMs());
}

async function submitted(build: (job: Job) => void, options: SubmitOptions<undefined>): Promise<JobRun> {
  const logger = { log: (level: LogLevel, message: string) => void (level === "warn" && warnings.push(message)) };
  const system = await ActorSystem.start({ clock, logger, random: { next: () => 0.5, id: () => "id" } });
  return system.submit(defineJob("stalled", build), { retentionBytes, epochInterval: 100, ...options });
}

async function reportOf(run: JobRun): Promise<RunReport> {
  const report = run.report();
  await pass(0);
  return report;
}

describe.each(["at-least-once", "exactly-once"] as const)("under %s, beside a stream at full speed", (guarantee) => {
  /** One stream into `sink`, and one at full speed, whose outboxes can forget nothing before the first goes on. */
  function besides(sink: (job: Job) => void) {
    return (job: Job) => {
      sink(job);
      job.source("fast", generate()).shuffle().sink("free", discard(), { parallelism: 2 });
    };
  }

  test("a sink that never comes back stops the sources within the bound, is named, and fails the run in the end", async () => {
    const run = await submitted(
      besides((job) => {
        job.source("numbers", generate()).sink(
          "stuck",
          forEach(() => new Promise(() => undefined)),
        );
      }),
      { guarantee },
    );
    let failure: unknown;
    run.completed.catch((error: unknown) => {
      failure = error;
    });

    // It comes to rest at all, because the sources pause.
    await pass(minuteMs);

    const { epochs, waitingFor, operators } = await reportOf(run);
    const emitted = operators.find(({ name }) => name === "fast")?.total.out ?? 0;
    expect(emitted).toBeGreaterThan(1_000);
    expect(epochs?.retainedBytes).toBeGreaterThanOrEqual(retentionBytes);
    expect(epochs?.retainedBytes).toBeLessThan(2 * retentionBytes);
    expect(epochs?.pausedForMs).toBeGreaterThan(minuteMs - 1_000);
    expect(waitingFor).toEqual([expect.objectContaining({ operator: "stuck", why: "takes-no-input" })]);
    expect(waitingFor[0]?.forMs).toBeGreaterThan(minuteMs - 1_000);
    expect(warnings[0]).toMatch(
      /^epoch 1 is not complete .* "stuck" has taken no input for 10.0 s; sources pause meanwhile$/,
    );

    await pass(15 * minuteMs);

    expect(failure).toMatchObject({ code: "ERR_JOB_FAILED", cause: { code: "ERR_JOB_EPOCH_TIMEOUT" } });
    expect(String(failure)).toMatch(/"stuck" has taken no input for 8\d\d\.\d s/);
    expect(warnings.filter((warning) => warning.includes("the next one begins"))).toHaveLength(2);
  });

  test("a sink that stalls for long and then goes on costs nothing but time", async () => {
    const gate = Promise.withResolvers<void>();
    const count = 20_000;
    let written = 0;
    const run = await submitted(
      (job) => {
        const write = async () => {
          if (written === 100) await gate.promise;
          written += 1;
        };
        job.source("numbers", generate({ count })).sink("slow", forEach(write));
        job
          .source("fast", generate({ count: 10 * count }))
          .shuffle()
          .map("same", (n) => n, { parallelism: 2 })
          .collect("all");
      },
      { guarantee },
    );
    await pass(10 * minuteMs);
    const stalled = await reportOf(run);
    expect(stalled.epochs?.pausedForMs).toBeGreaterThan(9 * minuteMs);
    expect(run.status).toBe("running");

    gate.resolve();
    await pass(minuteMs);

    const { status, epochs } = await run.completed;
    expect(status).toBe("completed");
    expect(epochs?.pausedForMs).toBeUndefined();
    expect(epochs?.retainedBytes).toBe(0);
    expect(written).toBe(count);
    expect(new Set(run.collected("all")).size).toBe(10 * count);
    expect(run.collected("all")).toHaveLength(10 * count);
  });

  test("an output that nobody reads is waited for as long as it takes", async () => {
    const run = await submitted(
      besides((job) => {
        job.source("numbers", generate()).output("unread");
      }),
      { guarantee },
    );

    await pass(120 * minuteMs);

    const { epochs, waitingFor } = await reportOf(run);
    expect(run.status).toBe("running");
    expect(epochs).toMatchObject({ givenUp: 0 });
    expect(waitingFor).toEqual([expect.objectContaining({ operator: "unread", why: "is-not-read" })]);
    await run.cancel();
  });
});
