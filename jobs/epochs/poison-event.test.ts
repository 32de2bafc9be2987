import { describe, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

/** Counts events per key; fails at one event, `failuresMax` times or for ever. */
function poisonedJob(poison: number, failuresMax: number) {
  let failures = 0;
  return defineJob("poisoned", (job) => {
    job
      .source("numbers", generate({ count: 20_000 }))
      .keyBy((number) => number % 10)
      .scan(
        "count",
        () => 0,
        (count, number) => {
          if (number === poison && failures < failuresMax) {
            failures += 1;
            throw new RangeError(`no ${number}`);
          }
          return count + 1;
        },
        { emit: "end", supervision: { messageRetries: 2 } },
      )
      .collect("counts");
  });
}

async function runPoisoned(guarantee: "exactly-once" | "at-least-once", failuresMax: number) {
  await using system = await ActorSystem.start({ threads: 0 });
  const run = await system.submit(poisonedJob(12_345, failuresMax), { guarantee, epochInterval: 5 });
  await run.completed;
  const counted = run.collected<{ value: number }>("counts").reduce((sum, { value }) => sum + value, 0);
  return { counted, letters: system.deadLetters.newest() };
}

describe.each(["exactly-once", "at-least-once"] as const)(
  "under %s, an event that makes its operator fail",
  (guarantee) => {
    test("is tried again, and counted when it no longer does", async () => {
      const { counted, letters } = await runPoisoned(guarantee, 2);

      expect(counted).toBe(20_000);
      expect(letters).toEqual([]);
    });

    test("is given up after its retries, once, and all others are counted", async () => {
      const { counted, letters } = await runPoisoned(guarantee, Number.POSITIVE_INFINITY);

      expect(counted).toBe(19_999);
      expect(letters).toMatchObject([{ value: 12_345, error: { name: "RangeError", message: "no 12345" } }]);
      expect(letters[0]?.to).toMatch(/\/poisoned\/count\/0$/);
    });
  },
);
