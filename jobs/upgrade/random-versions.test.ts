/**
 * A job that is another one each time that it goes on, drawn from a seed: other names, another parallelism, other operators without
 * state around those with. It is stopped at a checkpoint, or ended in the middle of what it does, and comes to what a loop comes to.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { SeededRandom, SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { JobRun } from "../run/job-run.ts";

const clock = new SystemClock();
const eventCount = 50_000;
const versionCount = 5;
/** Events per second of all versions but the last, which is as fast as it can be. */
const rate = 2_000;
let storage: string;

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "millrace-versions-"));
});

afterEach(async () => {
  await rm(storage, { recursive: true });
});

/** An operator with state, as a version has it. */
interface Kept {
  readonly name: string;
  readonly renamedFrom: string | undefined;
  readonly parallelism: number;
}

interface Version {
  readonly isLast: boolean;
  readonly sources: number;
  readonly sums: Kept;
  readonly counts: Kept;
  /** Operators without state in front of them. */
  readonly passing: readonly string[];
}

function drawKept(random: SeededRandom, what: string, before: Kept | undefined, version: number): Kept {
  const isRenamed = before !== undefined && random.chance(0.5);
  return {
    name: before === undefined || isRenamed ? `${what}-${version}` : before.name,
    renamedFrom: isRenamed ? before.name : undefined,
    parallelism: random.between(1, 4),
  };
}

function drawVersions(random: SeededRandom): Version[] {
  const versions: Version[] = [];
  for (let version = 0; version < versionCount; version += 1) {
    const before = versions.at(-1);
    versions.push({
      isLast: version === versionCount - 1,
      sources: random.between(1, 3),
      sums: drawKept(random, "sums", before?.sums, version),
      counts: drawKept(random, "counts", before?.counts, version),
      passing: Array.from({ length: random.below(3) }, (_, index) => `passing-${version}-${index}`),
    });
  }
  return versions;
}

function jobOf({ isLast, sources, sums, counts, passing }: Version) {
  const optionsOf = ({ renamedFrom, parallelism }: Kept) => ({
    parallelism,
    emit: "end" as const,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
  });
  return defineJob("versions", (job) => {
    let numbers = job.source("numbers", generate({ count: eventCount, ...(isLast ? {} : { rate }) }), {
      parallelism: sources,
    });
    for (const name of passing) numbers = numbers.map(name, (number) => number);
    numbers
      .keyBy((number) => number % 20)
      .scan(
        sums.name,
        () => 0,
        (sum, number) => sum + number,
        optionsOf(sums),
      )
      .toOne()
      .collect("all-sums");
    numbers
      .keyBy((number) => number % 7)
      .count(counts.name, optionsOf(counts))
      .toOne()
      .collect("all-counts");
  });
}

/** Until the checkpoint is of this version, and it has read some more. */
async function atWork(run: JobRun, eventsMore: number): Promise<void> {
  const isOver = run.completed.then(
    () => true,
    () => true,
  );
  for (;;) {
    const { operators, epochs } = await run.report();
    if ((epochs?.completed ?? 0) > 0 && (operators[0]?.total.out ?? 0) >= eventsMore) return;
    if (await Promise.race([isOver, new Promise<false>((done) => clock.after(2, () => done(false)))])) return;
  }
}

const keys = (count: number) => Array.from({ length: count }, (_, key) => key);
const all = Array.from({ length: eventCount }, (_, number) => number);
const expected = {
  sums: keys(20).map((key) => [
    key,
    all.filter((number) => number % 20 === key).reduce((sum, number) => sum + number, 0),
  ]),
  counts: keys(7).map((key) => [key, all.filter((number) => number % 7 === key).length]),
};

test.each(Array.from({ length: 4 }, (_, seed) => seed))(
  "a job in five versions comes to what one version comes to, seed %i",
  async (seed) => {
    const random = new SeededRandom(seed);
    const versions = drawVersions(random);
    await using system = await ActorSystem.start({ threads: 0, logger: { log: () => undefined } });
    let readBefore = 0;
    let run: JobRun | undefined;

    for (const version of versions) {
      run = await system.submit(jobOf(version), { guarantee: "exactly-once", epochInterval: 5, storage });
      if (version.isLast) break;
      await atWork(run, random.between(1, 200));
      if (random.chance(0.5)) await run.stop();
      else await run.cancel();
      readBefore += (await run.report()).operators[0]?.total.out ?? 0;
    }
    const report = await run?.completed;

    const [sums, counts] = ["all-sums", "all-counts"].map((name) =>
      (run?.collected<{ key: number; value?: number; count?: number }>(name) ?? [])
        .map(({ key, value, count }) => [key, value ?? count])
        .toSorted(([left = 0], [right = 0]) => left - right),
    );
    expect({ sums, counts }).toEqual(expected);
    // It did not begin anew: what was read before the last version was not read again, but for what no checkpoint held.
    const readByLast = report?.operators[0]?.total.out ?? 0;
    expect(readByLast).toBeLessThan(eventCount);
    expect(readBefore + readByLast).toBeGreaterThanOrEqual(eventCount);
  },
  60_000,
);
