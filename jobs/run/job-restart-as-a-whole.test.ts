import { expect, test } from "vitest";
import { fromIterable, generate } from "../../actors/index.ts";
import { ActorSystem, type SubmitOptions } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { Job } from "../job-builder.ts";

const eventCount = 2_000;

/** Two streams that never meet, one of which fails `failures` times half-way. */
function twoStreams(failures: number) {
  let left = failures;
  return (job: Job): void => {
    const numbers = job.source("numbers", generate({ count: eventCount }));
    numbers
      .map(
        "fragile",
        (number) => {
          if (number === eventCount / 2 && left > 0) {
            left -= 1;
            throw new RangeError("broken");
          }
          return number;
        },
        { supervision: "escalate" },
      )
      .keyBy(() => 0)
      .count("count")
      .collect("counts");
    job
      .source("others", fromIterable([1, 2, 3]))
      .map("sturdy", (value) => value)
      .collect("all");
  };
}

async function run(describe: (job: Job) => void, options: SubmitOptions<undefined>) {
  await using system = await ActorSystem.start();
  const restarted: string[] = [];
  system.on("actor-restarted", ({ path }) => void restarted.push(path.split("/").at(-2) ?? ""));
  const handle = await system.submit(defineJob("two", describe), options);
  const error: unknown = await handle.completed.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { handle, error, restarted };
}

test.each<Guarantee>(["exactly-once", "at-least-once"])(
  "an escalated failure starts the whole job over from its last checkpoint, under %s",
  async (guarantee) => {
    const { handle, error, restarted } = await run(twoStreams(1), { guarantee, epochInterval: 1 });

    expect(error).toBeUndefined();
    const counts = handle.collected<{ count: number }>("counts").map(({ count }) => count);
    if (guarantee === "exactly-once") expect(counts).toEqual(counts.map((_, index) => index + 1));
    expect(Math.max(...counts)).toBeGreaterThanOrEqual(eventCount);
    expect(restarted).toContain("sturdy");
  },
);

test("the job fails when it has started over as often as it may", async () => {
  const { error, restarted } = await run(twoStreams(4), {
    guarantee: "exactly-once",
    epochInterval: 1,
    jobRestarts: { max: 2 },
  });

  expect(error).toMatchObject({
    code: "ERR_JOB_FAILED",
    message: 'job "two" failed: operator "fragile" failed at millrace://millrace/two/fragile/0: broken',
    details: { job: "two", lastEpoch: expect.any(Number), checkpoints: "memory" },
  });
  expect(restarted.filter((name) => name === "fragile")).toHaveLength(2);
});

test("under at-most-once there is nothing to start over from: the job fails at once", async () => {
  const { error, restarted } = await run(twoStreams(1), {});

  expect(error).toMatchObject({ code: "ERR_JOB_FAILED", details: { job: "two" } });
  expect(restarted).toEqual([]);
});
