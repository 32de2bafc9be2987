import { expect, test } from "vitest";
import { fromIterable, generate } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Guarantee } from "./guarantee.ts";

/** Warnings about a job that reads what can be read again, and an iterator, which cannot. */
async function warnings(guarantee: Guarantee): Promise<string[]> {
  const logged: string[] = [];
  const logger = { log: (level: string, message: string) => void (level === "warn" && logged.push(message)) };
  await using system = await ActorSystem.start({ logger });
  const job = defineJob("sources", (builder) => {
    const again = builder.source("again", generate({ count: 3 }));
    const once = builder.source("once", fromIterable([1, 2].values()));
    again.union(once).collect("all");
  });
  const run = await system.submit(job, { guarantee });
  await run.completed;
  return logged;
}

test("a source that cannot be read again is warned of where the guarantee says that nothing is lost", async () => {
  expect(await warnings("at-most-once")).toEqual([]);
  for (const guarantee of ["at-least-once", "exactly-once"] as const) {
    expect(await warnings(guarantee)).toEqual([
      expect.stringMatching(new RegExp(`^source "once" .* cannot be read again: under ${guarantee}, .* is lost`)),
    ]);
  }
});
