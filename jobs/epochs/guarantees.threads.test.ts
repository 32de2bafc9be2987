/**
 * What each guarantee promises, on real threads, with checkpoints in memory. A keyed count with a storage, and killed processes,
 * are in the storm of examples/storm; random jobs with faults anywhere in protocol.test.ts.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ActorSystem } from "../actor-system.ts";
import { type Counted, keyCount, type Strikes, stormyFork } from "./fixtures/stormy.job.ts";
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
  guarantee: Guarantee,
  count: number,
  strikes: Readonly<Record<string, Strikes>>,
): Promise<{ readonly all: readonly Counted[]; readonly lost: number }> {
  await using system = await ActorSystem.start({ threads: 3, logger: quiet });
  let lost = 0;
  system.on("host-lost", () => {
    lost += 1;
  });
  const params = { count, strikes, markers };
  const run = await system.submit(stormyFork, { params, guarantee, epochInterval: 20 });
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

test.each(guarantees)(
  "two merged sources, a fork and three stages hold what %s promises when each stage fails and loses its thread in turn",
  async (guarantee) => {
    const count = 40_000;
    const stages = ["first", "left", "second", "third"];
    const strikes = Object.fromEntries(
      stages.map((name, index) => {
        const from = 1_000 + (index * count) / stages.length;
        return [name, { throwsAt: [from, from + 1, from + 7_000], exitsAt: [from + 3_000, from + 8_001] }];
      }),
    );

    const { all, lost } = await weathered(guarantee, count, strikes);

    // Under at-most-once an event that would end a thread may be lost on its way there.
    if (guarantee !== "at-most-once") expect(lost).toBe(2 * stages.length);
    expectHeld(
      guarantee,
      all,
      Array.from({ length: 2 * count }, (_, index) => index - count),
    );
    if (guarantee === "exactly-once") expectCountedOnce(all, (2 * count) / keyCount);
  },
);
