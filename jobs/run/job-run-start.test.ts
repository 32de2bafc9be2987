import { expect, test } from "vitest";
import { MillraceError } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

/** A job whose source opens as `open` says, and ends at once. */
function lateJob(open: () => Promise<void>) {
  return defineJob("late", (job) => {
    job
      .source("late", {
        kind: "late",
        bounded: true,
        replayable: false,
        create: () => ({ open, poll: () => "end" as const }),
      })
      .collect("out");
  });
}

test("a run has started once its sources are open", async () => {
  await using system = await ActorSystem.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = await system.submit(lateJob(() => promise));
  expect(run.status).toBe("starting");

  resolve();
  await run.started;

  expect(run.status).toBe("running");
  expect((await run.completed).status).toBe("completed");
});

test("a run whose source cannot be opened never starts, and says why", async () => {
  await using system = await ActorSystem.start();
  const run = await system.submit(lateJob(() => Promise.reject(new Error("no key fits"))));

  const error = await run.started.catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: "ERR_JOB_FAILED", message: expect.stringContaining("no key fits") });
});

test("a drain that waits for the start ends with the run, when that is cancelled before", async () => {
  await using system = await ActorSystem.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = await system.submit(lateJob(() => promise));
  const drained = run.drain();

  const cancelled = run.cancel();
  resolve();
  await cancelled;

  expect((await drained).status).toBe("cancelled");
  await run.started;
});
