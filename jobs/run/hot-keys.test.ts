import { expect, test } from "vitest";
import { count, generate, instanceOfKey } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulate } from "../simulation/simulate.ts";

const hot = (index: number) => (index % 3 === 0 ? "hot" : `key ${index}`);

/** One event in three has the hot key. */
function job(parallelism: number, emit: "each" | "end") {
  return defineJob("skewed", (job) => {
    job
      .source("keys", generate({ count: 30_000, from: hot }), { parallelism: 2 })
      .keyBy((key) => key)
      .aggregate("counted", count(), { parallelism, emit })
      .filter("none", () => false)
      .collect("out");
  });
}

test.each(["each", "end"] as const)(
  "a hot key is told, with its part of the events and its instance, told %s",
  async (emit) => {
    const { report } = await simulate(job(3, emit), { seed: 1, threads: 3 });

    expect(report?.hotKeys).toEqual([
      { operator: "counted", key: "hot", share: expect.any(Number), instance: instanceOfKey("hot", 3) },
    ]);
    expect(Math.abs(report!.hotKeys[0]!.share - 1 / 3)).toBeLessThan(0.08);
  },
);

test("one instance has no hot keys", async () => {
  const { report } = await simulate(job(1, "each"), { seed: 1, threads: 2 });

  expect(report?.hotKeys).toEqual([]);
});
