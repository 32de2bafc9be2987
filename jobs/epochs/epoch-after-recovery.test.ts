import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

test("cells that have started over are followed by an epoch, whatever the interval", async () => {
  const clock = new SystemClock();
  let failures = 0;
  const job = defineJob("recovering", (builder) => {
    builder
      .source("numbers", generate({ count: 1_000_000, rate: 1_000 }))
      .shuffle()
      .map("work", (number) => {
        if (number === 20 && failures === 0) {
          failures += 1;
          throw new RangeError("once");
        }
        return number;
      })
      .collect("all");
  });
  await using system = await ActorSystem.start({ threads: 0 });

  const run = await system.submit(job, { guarantee: "exactly-once", epochInterval: "1h" });
  while (run.collected("all").length === 0) await new Promise<void>((done) => clock.after(1, done));

  expect(failures).toBe(1);
  expect(run.collected<number>("all")[0]).toBe(0);
  await run.cancel();
});
