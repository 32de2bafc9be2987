/** Sinks whose output appears with the checkpoint, through the deaths of threads and processes at the worst moments. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ActorSystem } from "../actor-system.ts";
import { type CommittingParams, committing, rowsIn, shownIn } from "./fixtures/committing.job.ts";

const main = fileURLToPath(new URL("./fixtures/committing-main.ts", import.meta.url));
const diesAt = ["prepared", "committing", "committed"];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-commit-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const expected = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: index % 10, count: Math.floor(index / 10) + 1 }));

const sorted = (rows: readonly unknown[]) =>
  (rows as { key: number; count: number }[]).toSorted((a, b) => a.count - b.count || a.key - b.key);

/** All sinks show every count once; those of one key in order. */
async function expectShownOnce(count: number): Promise<void> {
  const lines = (await readFile(join(folder, "counts.ndjson"), "utf8")).trimEnd().split("\n");
  const ofFile = lines.map((line) => JSON.parse(line) as unknown);
  for (const rows of [ofFile, shownIn(folder), rowsIn(join(folder, "storage"))]) {
    expect(sorted(rows).map(({ key, count: value }) => ({ key, count: value }))).toEqual(expected(count));
    const last = new Map<number, number>();
    for (const { key, count: value } of rows as { key: number; count: number }[]) {
      expect(value).toBe((last.get(key) ?? 0) + 1);
      last.set(key, value);
    }
  }
  expect((await readdir(folder)).filter((name) => name.endsWith(".pending"))).toEqual([]);
  expect(await readdir(join(folder, "prepared"))).toEqual([]);
}

test("a thread that dies before, between and after prepare and commit costs no event and doubles none", async () => {
  const params: CommittingParams = { folder, count: 3_000, rate: 6_000, diesAt, dies: "thread" };
  await using system = await ActorSystem.start({ threads: 2, logger: { log: () => undefined } });
  let lost = 0;
  system.on("host-lost", () => {
    lost += 1;
  });

  const storage = join(folder, "storage");
  const run = await system.submit(committing, { params, guarantee: "exactly-once", epochInterval: 10, storage });
  await run.completed;

  expect(lost).toBe(diesAt.length);
  await expectShownOnce(params.count);
});

test("a process that dies there goes on from its checkpoint as if it had not", async () => {
  const params: CommittingParams = { folder, count: 500, rate: 1_000, diesAt, dies: "process" };
  const signals: (string | null)[] = [];
  for (let start = 0; start <= diesAt.length; start += 1) {
    const args = [main, join(folder, "storage"), "2", JSON.stringify(params)];
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    const [, signal] = (await once(child, "close")) as [number | null, string | null];
    signals.push(signal);
  }

  expect(signals).toEqual(["SIGKILL", "SIGKILL", "SIGKILL", null]);
  await expectShownOnce(params.count);
}, 120_000);
