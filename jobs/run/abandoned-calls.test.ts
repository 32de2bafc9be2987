import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

test("calls in flight when their operator is started over become dead letters, and the stream goes on", async () => {
  // given calls that wait for one that fails
  const failed = Promise.withResolvers<void>();
  const job = defineJob("calls", (builder) => {
    builder
      .source("numbers", generate({ count: 6 }))
      .mapAsync(
        "call",
        async (number) => {
          if (number === 2) {
            failed.resolve();
            throw new RangeError("two");
          }
          if (number < 4) await failed.promise.then(() => new Promise(() => undefined));
          return number;
        },
        { concurrency: 4, timeout: "1h" },
      )
      .collect("results");
  });
  await using system = await ActorSystem.start({ threads: 0 });

  // when
  const run = await system.submit(job);
  await run.completed;

  // then
  expect(run.collected("results")).toEqual([4, 5]);
  expect(system.deadLetters.newest().map(({ value, error }) => [value, error.code ?? error.name])).toEqual([
    [2, "RangeError"],
    [0, "ERR_ACT_CALL_ABANDONED"],
    [1, "ERR_ACT_CALL_ABANDONED"],
    [3, "ERR_ACT_CALL_ABANDONED"],
  ]);
});
