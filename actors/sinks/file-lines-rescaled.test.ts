/** fileLines under exactly-once, with one number of instances and then another. */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StateEntry } from "../epochs/state-delta.ts";
import { holderOf } from "../state/owned-entries.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { fileLines } from "./file-lines.ts";

let directory = "";
let idCount = 0;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-sink-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const random = { next: () => 0.5, id: () => `id${idCount++}` };
const logger = { log: () => undefined };

function open(parallelism: number, stored: readonly StateEntry[], epoch: number, path = "out-{instance}.txt") {
  const sink = fileLines<string>(join(directory, path));
  const openOne = (instance: number) => {
    const entries = stored.filter(([, key]) => holderOf(key, parallelism) === instance);
    const restore = { entries, epoch };
    return OperatorHarness.open(sink, { guarantee: "exactly-once", random, logger, parallelism, instance, restore });
  };
  return Promise.all(Array.from({ length: parallelism }, (_, instance) => openOne(instance)));
}

/** Each instance takes one line; returns the checkpoint, with what is stored and did not change. */
async function epochOf(
  instances: Awaited<ReturnType<typeof open>>,
  epoch: number,
  stored: readonly StateEntry[],
): Promise<readonly StateEntry[]> {
  const entries = new Map(stored.map((entry) => [entry[1], entry]));
  for (const [index, instance] of instances.entries()) {
    instance.feedValues([`${epoch}.${index}`]);
    for (const entry of await instance.barrier(epoch)) entries.set(entry[1], entry);
  }
  return [...entries.values()];
}

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  const read = async (name: string) => [name, await readFile(join(directory, name), "utf8")] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

test("the file of an instance that is gone stays, complete; when the number comes back it is gone on with", async () => {
  // given three instances that die with a checkpoint that is not committed, and with parts that are in none
  const three = await open(3, [], 0);
  const first = await epochOf(three, 1, []);
  await epochOf(three, 2, first);
  expect(Object.keys(await contents()).filter((name) => name.endsWith(".pending"))).toHaveLength(6);

  // when one goes on, and dies in the same way
  const one = await open(1, first, 1);
  for (const instance of one) await instance.settle();
  expect(await contents()).toEqual({ "out-0.txt": "1.0\n", "out-1.txt": "1.1\n", "out-2.txt": "1.2\n" });
  const second = await epochOf(one, 2, first);

  // and three again
  const again = await open(3, second, 2);
  const third = await epochOf(again, 3, second);
  for (const instance of await open(3, third, 3)) await instance.settle();

  expect(await contents()).toEqual({
    "out-0.txt": "1.0\n2.0\n3.0\n",
    "out-1.txt": "1.1\n3.1\n",
    "out-2.txt": "1.2\n3.2\n",
  });
});

test("a file that is not written to any more may be taken away, once its instance is gone", async () => {
  const first = await epochOf(await open(2, [], 0), 1, []);
  const one = await open(1, first, 1);
  const second = await epochOf(one, 2, first);
  await rm(join(directory, "out-1.txt"));

  for (const instance of await open(1, second, 2)) await instance.settle();

  expect(await contents()).toEqual({ "out-0.txt": "1.0\n2.0\n" });
});

test("with another path, too, what was prepared is shown where it was meant to be, and no part stays", async () => {
  const two = await open(2, [], 0);
  const first = await epochOf(two, 1, []);
  await epochOf(two, 2, first);

  const moved = await open(1, first, 1, "all.txt");
  const second = await epochOf(moved, 2, first);
  for (const instance of await open(1, second, 2, "all.txt")) await instance.settle();

  expect(await contents()).toEqual({ "all.txt": "2.0\n", "out-0.txt": "1.0\n", "out-1.txt": "1.1\n" });
});
