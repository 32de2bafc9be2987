/**
 * Processes that die by SIGKILL at every fault point of the sources, and again while the next one recovers: the last one ends
 * with what a run without faults ends with. Several crashes follow each other in one run: what one of them loses or doubles stays
 * so to its end. `MILLRACE_CRASHES=all npm test -- crash-points` tries every point with every point of a recovery, each pair
 * in a run of its own, on worker threads too, which takes some minutes.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { mortalKeyCount } from "./fixtures/mortal.job.ts";

const main = fileURLToPath(new URL("./fixtures/mortal-main.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
/** More than any run comes to before its last process, which is not held to the rate. */
const eventCount = 8_400;
const chainCount = 4;
/** Of a dozen processes that start one after the other, on a machine that is busy with other things, too. */
const limitMs = 600_000;
const isFull = process.env.MILLRACE_CRASHES === "all";
/** So low that no process comes to the last event before it comes to the point at which it dies. */
const eventRate = isFull ? 300 : 1_000;

/** Points that only a process comes to that goes on from a checkpoint; those of copies when there is an older one. */
const pointsOfStart = ["store.restored", "store.copy.before-name", "store.copy.named"];
const pointsOfCopies = ["store.copy.before-removal"];
/** The time at which the process dies there, where the first would say little: between cells, or with something to show. */
const times: Readonly<Record<string, number>> = {
  "epoch.snapshot-arrived": 8,
  "epoch.complete.told": 7,
  "operator.snapshot.behind-barrier": 5,
  "run.begun": 1,
  "sink.recover.before": 1,
  "sink.recover.after": 1,
};
const somewhere = "epoch.complete.durable:2";
/** The next process begins anew. */
const beforeAny = "epoch.complete.before-durable";
/** Where the next process may die, which goes on from the checkpoint. */
const duringRecovery = [
  "store.restored",
  "run.begun",
  "sink.recover.before",
  "sink.recover.after",
  "epoch.snapshot-arrived:2",
  "epoch.complete.before-durable",
  "epoch.complete.durable",
  "sink.commit.before",
  "sink.file.copied",
  "sink.commit.after",
];

const points = pointsInSources();

function pointsInSources(): readonly string[] {
  const files = globSync("{runtime,actors,jobs}/**/*.ts", { cwd: root }).filter((path) => !path.endsWith(".test.ts"));
  const found = files.flatMap((path) => [
    ...readFileSync(join(root, path), "utf8").matchAll(/\bfaultPoint\("([^"]+)"\)/g),
  ]);
  return found.map(([, name = ""]) => name).sort();
}

interface Pair {
  readonly point: string;
  /** Where the next process dies, before it has done anything new. */
  readonly next: string | undefined;
}

/** Where processes die one after the other, the last of them at the pair. */
function crashesOf({ point, next }: Pair): readonly string[] {
  return [...crashesUpTo(point), ...(next === undefined ? [] : [next])];
}

function crashesUpTo(point: string): readonly string[] {
  if (pointsOfStart.includes(point)) return [somewhere, point];
  if (pointsOfCopies.includes(point)) return [somewhere, "store.copy.named", somewhere, point];
  return [`${point}:${times[point] ?? 2}`];
}

/** Runs a process that dies at each of the points in turn, then one that does not; returns what the file shows. */
async function shownAfter(crashes: readonly string[], threads: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-crash-"));
  try {
    for (const crash of [...crashes, undefined]) {
      const env = { ...process.env, MILLRACE_CRASH_AT: crash };
      const rate = crash === undefined ? eventCount * 10 : eventRate;
      const child = spawn(process.execPath, [main, folder, `${threads}`, `${eventCount}`, `${rate}`], {
        env,
        stdio: "inherit",
      });
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      expect([crash, code, signal]).toEqual(crash === undefined ? [crash, 0, null] : [crash, null, "SIGKILL"]);
    }
    expect((await readdir(folder)).sort()).toEqual(["counts.txt", "storage"]);
    return (await readFile(join(folder, "counts.txt"), "utf8")).trimEnd().split("\n");
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The counts of each key in the order in which the file shows them. */
function byKey(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(lines, (line) => line.slice(0, line.indexOf(" ")));
}

const withoutFaults = new Map(
  Array.from({ length: mortalKeyCount }, (_, key) => [
    `${key}`,
    Array.from({ length: eventCount / mortalKeyCount }, (_, index) => `${key} ${index + 1}`),
  ]),
);

test("every name of a fault point stands in the sources once", () => {
  expect(new Set(points).size).toBe(points.length);
  expect(points.length).toBeGreaterThan(20);
});

test("without faults every event of every key is counted and shown once, in order", async () => {
  expect(byKey(await shownAfter([], 0))).toEqual(withoutFaults);
});

describe.concurrent("a process that dies", () => {
  test.each(
    (isFull ? [0, 2] : [0]).flatMap((threads) =>
      (isFull ? pairsAlone() : chains()).map((crashes) => ({ threads, crashes, last: crashes.at(-1) })),
    ),
  )(
    "and the next ones, with $threads threads, the last one at $last, cost nothing and double nothing",
    async ({ threads, crashes }) => {
      expect(byKey(await shownAfter(crashes, threads))).toEqual(withoutFaults);
    },
    limitMs,
  );
});

/** Every point once, each point of a recovery once behind one of them, in a few runs. */
function chains(): readonly (readonly string[])[] {
  const pairs = points.map((point, index): Pair => ({ point, next: duringRecovery[index] }));
  return Array.from({ length: chainCount }, (_, chain) => {
    const own = pairs.filter((_pair, index) => index % chainCount === chain);
    return [beforeAny, somewhere, ...own.flatMap(crashesOf)];
  });
}

function pairsAlone(): readonly (readonly string[])[] {
  return points.flatMap((point) =>
    duringRecovery.map((next) => {
      const crashes = crashesOf({ point, next });
      // It may be before the first checkpoint: the next process would have none to go on from.
      return pointsOfStart.includes(next) ? [somewhere, ...crashes] : crashes;
    }),
  );
}
