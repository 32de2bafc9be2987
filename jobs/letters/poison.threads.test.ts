import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ActorSystem } from "../actor-system.ts";
import type { JobRun } from "../run/job-run.ts";
import { command } from "./fixtures/command.ts";
import { type PoisonedParams, poisoned } from "./fixtures/poisoned.job.ts";

const count = 100_000;
let storage: string;

beforeEach(() => {
  storage = mkdtempSync(join(tmpdir(), "millrace-poison-"));
});
afterEach(() => rmSync(storage, { recursive: true }));

async function run(poison: PoisonedParams["poison"]): Promise<JobRun> {
  await using system = await ActorSystem.start({ threads: 2 });
  const handle = await system.submit(poisoned, { params: { count, poison }, guarantee: "exactly-once", storage });
  await handle.completed;
  return handle;
}

/** The newest total of each digit, added up. */
function counted(handle: JobRun): number {
  const totals = handle.collected<{ readonly key: number; readonly value: number }>("totals");
  const newest = new Map(totals.map(({ key, value }) => [key, value]));
  return [...newest.values()].reduce((sum, value) => sum + value, 0);
}

test.each([
  { operator: "middle", number: 50_000 },
  { operator: "total", number: 70_001 },
] as const)(
  "one event of 100,000 that $operator fails at becomes one dead letter, and is counted once when the job is mended",
  async (poison) => {
    // given a run in which one event was given up
    const first = await run(poison);
    expect(counted(first)).toBe(count - 1);
    expect(first.deadLetters.list()).toMatchObject([
      { operator: poison.operator, value: poison.number, attempts: 4, error: { message: `no ${poison.number}` } },
    ]);

    // when it is resubmitted, and the mended job goes on
    const { exitCode, out } = await command("dead-letters", "resubmit", "poisoned", "--all", "--storage", storage);
    expect([exitCode, out]).toEqual([0, expect.stringContaining("1 dead letter of job poisoned will be taken again")]);
    const second = await run(undefined);

    // then it was counted, once, and is gone
    expect(counted(second)).toBe(count);
    expect(second.deadLetters.list()).toEqual([]);
  },
);
