import { expect, test } from "vitest";
import { defineSource, fromIterable, generate } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Guarantee } from "./guarantee.ts";

const acknowledging = defineSource<number>({
  kind: "queue",
  bounded: true,
  acknowledging: true,
  create: () => ({ open: () => undefined, poll: () => "end", position: () => 0, acknowledge: () => undefined }),
});

/** Warnings about a job that reads what can be read again, and an iterator, which cannot. */
async function warnings(guarantee: Guarantee): Promise<string[]> {
  const logged: string[] = [];
  const logger = { log: (level: string, message: string) => void (level === "warn" && logged.push(message)) };
  await using system = await ActorSystem.start({ logger });
  const job = defineJob("sources", (builder) => {
    const again = builder.source("again", generate({ count: 3 }));
    const once = builder.source("once", fromIterable([1, 2].values()));
    const told = builder.source("told", acknowledging);
    again.union(once, told).collect("all");
  });
  const run = await system.submit(job, { guarantee });
  await run.completed;
  return logged;
}

test("a source that cannot be read again is warned of where the guarantee says that nothing is lost", async () => {
  expect(await warnings("at-most-once")).toEqual([]);
  for (const guarantee of ["at-least-once", "exactly-once"] as const) {
    const [first, ...more] = await warnings(guarantee);
    expect(first).toMatch(new RegExp(`^source "once" .* cannot be read again: under ${guarantee}, .* is lost`));
    const twice = expect.stringMatching(/^source "told" .* events come twice/);
    expect(more).toEqual(guarantee === "exactly-once" ? [twice] : []);
  }
});
