/** Who starts over when an operator fails, and who keeps running. */

import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Guarantee } from "./guarantee.ts";

const eventCount = 20_000;

/**
 * Two sources, merged; a fork whose branches meet again; and a sink of its own on each way.
 *
 *   left, right > merged > fails > counted > sum
 *                        > beside          > other
 */
async function restartedBy(guarantee: Guarantee, where: string): Promise<readonly string[]> {
  let failures = 0;
  const passed = (operator: string, event: number): number => {
    if (operator === where && event === eventCount / 2 && failures === 0) {
      failures += 1;
      throw new RangeError("once");
    }
    return event;
  };
  const job = defineJob("neighbours", (builder) => {
    builder.supervision({ backoff: { min: 0, max: 0 } });
    const left = builder.source("left", generate({ count: eventCount, from: (index) => 2 * index }));
    const right = builder.source("right", generate({ count: eventCount, from: (index) => 2 * index + 1 }));
    const merged = left
      .union(right)
      .shuffle()
      .map("merged", (event) => passed("merged", event));
    merged
      .shuffle()
      .map("fails", (event) => passed("fails", event))
      .keyBy((event) => event % 10)
      .count("counted", { emit: "end" })
      .toOne()
      .collect("sum");
    merged
      .shuffle()
      .map("beside", (event) => passed("beside", event))
      .toOne()
      .collect("other");
  });
  await using system = await ActorSystem.start({ threads: 0 });
  const incarnations = new Map<string, number>();
  for (const fact of ["actor-started", "actor-restarted"] as const) {
    system.on(fact, ({ path, incarnation }) => incarnations.set(path.split("/").at(-2) ?? path, incarnation));
  }

  const run = await system.submit(job, { guarantee, epochInterval: 5 });
  await run.completed;

  expect(failures).toBe(1);
  // The heads of chains: operators behind one in its chain start over with it.
  expect([...incarnations.keys()].sort()).toEqual([
    "beside",
    "counted",
    "fails",
    "left",
    "merged",
    "other",
    "right",
    "sum",
  ]);
  return [...incarnations].flatMap(([operator, incarnation]) => (incarnation > 0 ? [operator] : [])).sort();
}

test("exactly-once, what fails takes along what is downstream of it, and nothing else", async () => {
  expect(await restartedBy("exactly-once", "fails")).toEqual(["counted", "fails", "sum"]);
  expect(await restartedBy("exactly-once", "beside")).toEqual(["beside", "other"]);
  expect(await restartedBy("exactly-once", "merged")).toEqual(["beside", "counted", "fails", "merged", "other", "sum"]);
});

test.each(["at-least-once", "at-most-once"] as const)("%s, what fails starts over alone", async (guarantee) => {
  expect(await restartedBy(guarantee, "fails")).toEqual(["fails"]);
  expect(await restartedBy(guarantee, "merged")).toEqual(["merged"]);
});
