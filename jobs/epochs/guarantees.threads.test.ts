import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ActorSystem } from "../actor-system.ts";
import type { JobDefinition } from "../define-job.ts";
import { type Counted, keyCount, type StormParams, stormyFork, stormyLine } from "./fixtures/stormy.job.ts";
import type { Guarantee } from "./guarantee.ts";

const quiet = { log: () => undefined };
const guarantees: readonly Guarantee[] = ["exactly-once", "at-least-once", "at-most-once"];
let markers: string;

beforeEach(async () => {
  markers = await mkdtemp(join(tmpdir(), "millrace-storm-"));
});

afterEach(async () => {
  await rm(markers, { recursive: true });
});

/** What a job has collected, and how many threads it lost. */
async function weathered(
  job: JobDefinition<StormParams>,
  guarantee: Guarantee,
  params: Omit<StormParams, "markers">,
): Promise<{ readonly all: readonly Counted[]; readonly lost: number }> {
  await using system = await ActorSystem.start({ threads: 3, logger: quiet });
  let lost = 0;
  system.on("host-lost", () => {
    lost += 1;
  });
  const run = await system.submit(job, { params: { ...params, markers }, guarantee, epochInterval: 20 });
  await run.completed;
  return { all: run.collected<Counted>("all"), lost };
}

function expectHeld(guarantee: Guarantee, all: readonly Counted[], expected: readonly number[]): void {
  const seen = new Set(all.map(({ index }) => index));
  if (guarantee !== "at-least-once") expect(seen.size).toBe(all.length);
  if (guarantee !== "at-most-once") expect(seen.size).toBe(expected.length);
  expect(expected.filter((index) => !seen.has(index)).length).toBe(expected.length - seen.size);
}

/** The state counted every event of its key once. */
function expectCountedOnce(all: readonly Counted[], perKey: number): void {
  for (let key = 0; key < keyCount; key += 1) {
    const counts = all.filter((counted) => counted.key === key).map(({ n }) => n);
    expect(counts.toSorted((left, right) => left - right)).toEqual(Array.from({ length: perKey }, (_, n) => n + 1));
  }
}

describe.each(guarantees)("under %s", (guarantee) => {
  test("a keyed count over threads holds what is promised through 10 failures and 5 lost threads", async () => {
    const count = 200_000;
    const throwsAt = Array.from({ length: 10 }, (_, index) => 9_001 + index * 19_000);
    const exitsAt = Array.from({ length: 5 }, (_, index) => 20_002 + index * 38_000);

    const { all, lost } = await weathered(stormyLine, guarantee, { count, throwsAt, exitsAt, where: "count" });

    // Under at-most-once an event that would end a thread may be lost on its way there.
    if (guarantee !== "at-most-once") expect(lost).toBe(5);
    expectHeld(
      guarantee,
      all,
      Array.from({ length: count }, (_, index) => index),
    );
    if (guarantee === "exactly-once") {
      expectCountedOnce(all, count / keyCount);
      const last = new Map<number, number>();
      for (const { key, n } of all) {
        expect(n).toBe((last.get(key) ?? 0) + 1);
        last.set(key, n);
      }
    }
  });

  test.each(["first", "left", "second", "third"])(
    "two merged sources, a fork and three stages do so when operator %s fails",
    async (where) => {
      const count = 20_000;
      const params = { count, throwsAt: [3_000, 3_001, 15_000], exitsAt: [9_000, 18_001], where };

      const { all, lost } = await weathered(stormyFork, guarantee, params);

      if (guarantee !== "at-most-once") expect(lost).toBe(2);
      expectHeld(
        guarantee,
        all,
        Array.from({ length: 2 * count }, (_, index) => index - count),
      );
      if (guarantee === "exactly-once") expectCountedOnce(all, (2 * count) / keyCount);
    },
  );
});
