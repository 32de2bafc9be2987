import { describe, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

/** Counts events per key; fails at one event, `failuresMax` times or for ever. */
function poisonedJob(where: string, poison: number, failuresMax: number) {
  let failures = 0;
  const failedAt = (operator: string, number: number): number => {
    if (operator === where && number === poison && failures < failuresMax) {
      failures += 1;
      throw new RangeError(`no ${number}`);
    }
    return number;
  };
  return defineJob("poisoned", (job) => {
    job
      .source("numbers", generate({ count: 20_000 }))
      .map("pass", (number) => failedAt("pass", number), { supervision: { messageRetries: 2 } })
      .keyBy((number) => number % 10)
      .scan(
        "count",
        () => 0,
        (count, number) => count + (failedAt("count", number) === number ? 1 : 0),
        { emit: "end", supervision: { messageRetries: 2 } },
      )
      .collect("counts");
  });
}

async function runPoisoned(where: string, guarantee: "exactly-once" | "at-least-once", failuresMax: number) {
  await using system = await ActorSystem.start({ threads: 0 });
  const run = await system.submit(poisonedJob(where, 12_345, failuresMax), { guarantee, epochInterval: 5 });
  await run.completed;
  const counted = run.collected<{ value: number }>("counts").reduce((sum, { value }) => sum + value, 0);
  return { counted, letters: system.deadLetters.newest() };
}

describe.each([
  ["exactly-once", "count"],
  ["exactly-once", "pass"],
  ["at-least-once", "count"],
  ["at-least-once", "pass"],
] as const)("under %s, an event that makes operator %s fail", (guarantee, where) => {
  const expectCounted = (counted: number, events: number) => {
    expect(counted).toBeGreaterThanOrEqual(events);
    // What an operator hands on again under at-least-once is counted again by those behind it.
    if (guarantee === "exactly-once" || where === "count") expect(counted).toBe(events);
  };

  test("is tried again, and counted when it no longer does", async () => {
    const { counted, letters } = await runPoisoned(where, guarantee, 2);

    expectCounted(counted, 20_000);
    expect(letters).toEqual([]);
  });

  test("is given up after its retries, once, and all others are counted", async () => {
    const { counted, letters } = await runPoisoned(where, guarantee, Number.POSITIVE_INFINITY);

    expectCounted(counted, 19_999);
    expect(letters).toMatchObject([{ value: 12_345, error: { name: "RangeError", message: "no 12345" } }]);
    expect(letters[0]?.to).toMatch(/\/poisoned\/(?:count|pass)\/0$/);
  });
});
