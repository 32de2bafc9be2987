/** Jobs that go on with another number of instances of their sinks, which had prepared what nobody has committed. */

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { closedName, linesIn, shownIn, triedIn, type WrittenParams, written } from "./fixtures/written.job.ts";

const clock = new SystemClock();
const count = 1_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-rescaled-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function submit(system: ActorSystem, parallelism: number, rate: number) {
  const params: WrittenParams = { folder, count, rate, parallelism };
  return system.submit(written, {
    params,
    guarantee: "exactly-once",
    epochInterval: 5,
    storage: join(folder, "storage"),
  });
}

const ascending = (numbers: number[]) => numbers.toSorted((left, right) => left - right);

test.each([
  [3, 1],
  [1, 3],
])("from %i instances to %i, what was prepared and not committed is in the output once", async (before, after) => {
  const expected = Array.from({ length: count }, (_, index) => index);
  await using system = await ActorSystem.start({ threads: 0, logger: { log: () => undefined } });
  await writeFile(join(folder, closedName), "");
  const first = await submit(system, before, 500);
  while (triedIn(folder) < before) await new Promise<void>((done) => clock.soon(done));
  await first.cancel();
  expect(shownIn(folder)).toEqual([]);
  expect((await readdir(join(folder, "prepared"))).length).toBeGreaterThanOrEqual(before);
  await rm(join(folder, closedName));

  const second = await submit(system, after, 50_000);
  const report = await second.completed;

  expect(report.operators[0]?.total.out).toBeLessThan(count);
  expect(ascending(shownIn(folder))).toEqual(expected);
  expect(ascending(linesIn(folder))).toEqual(expected);
  expect(await readdir(join(folder, "prepared"))).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.startsWith("lines-")).sort()).toEqual(
    Array.from({ length: 3 }, (_, instance) => `lines-${instance}.txt`),
  );
});
