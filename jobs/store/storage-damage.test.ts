/**
 * Whatever happens to the files of a storage, seeded: what is read is right, of an older checkpoint that was asked for, or
 * refused by a code. Never a wrong value, never an empty start.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../runtime/index.ts";
import { commit, delta, standing, TestStorage, textsAt, textsOf, valueAt } from "./fixtures/test-storage.ts";
import type { OnDamage } from "./storage-options.ts";

/** The files of a directory, by path. */
type Files = ReadonlyMap<string, Buffer>;

const trialCount = 450;
const mainFile = "totals.sqlite";
let storage: TestStorage;
let trials = 0;

beforeEach(() => {
  storage = new TestStorage();
});

afterEach(() => storage.remove());

function filesOf(directory: string): Map<string, Buffer> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.toSorted().map((path) => [relative(directory, path), readFileSync(path)]));
}

function directoryWith(files: Files): string {
  trials += 1;
  const directory = join(storage.folder, `trial-${trials}`);
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
  return directory;
}

/** Storages with three checkpoints and copies of the first two, and what else there could be in their place. */
async function scenes() {
  const directory = join(storage.folder, "data");
  const opened = storage.open(directory, { copies: { keep: 3, intervalMs: 1_000 }, nowMs: 0 });
  const at: Files[] = [];
  for (const epoch of [1, 2, 3]) {
    commit(opened, epoch, standing(`behind ${epoch}`), delta(epoch, valueAt(epoch)));
    if (epoch < 3) opened.copies.committed(epoch * 1_000);
    await opened.copies.settle();
    at.push(filesOf(directory));
  }
  storage.close(opened);
  const other = storage.filled(join(storage.folder, "other"), { job: "other" });
  storage.close(other);
  const ofOther = filesOf(join(storage.folder, "other")).get("other.sqlite") as Buffer;
  return { closed: filesOf(directory), killed: at[2] as Files, older: at.slice(0, 2), ofOther };
}

type Scenes = Awaited<ReturnType<typeof scenes>>;

/** Does one thing to one file; says what. */
function damage(files: Map<string, Buffer>, random: SeededRandom, { older, ofOther, killed }: Scenes): string {
  const path = random.pick([...files].filter(([, bytes]) => bytes.length > 0).map(([each]) => each));
  const bytes = Buffer.from(files.get(path) as Buffer);
  const offset = random.below(bytes.length);
  const kind = random.pick(["flip", "flip", "flip", "zero", "cut", "remove", "noise", "older", "other", "wal"]);
  switch (kind) {
    case "flip":
      bytes[offset] = (bytes[offset] as number) ^ (1 << random.below(8));
      break;
    case "zero":
      bytes.subarray(offset - (offset % 4_096), offset - (offset % 4_096) + 4_096).fill(0);
      break;
    case "noise":
      for (let index = offset; index < Math.min(bytes.length, offset + 64); index += 1)
        bytes[index] = random.below(256);
      break;
    case "cut":
      files.set(path, bytes.subarray(0, offset));
      return `${path} cut to ${offset}`;
    case "remove":
      files.delete(path);
      return `${path} removed`;
    case "older": {
      const before = random.pick(older);
      for (const each of [mainFile, `${mainFile}-wal`, `${mainFile}-shm`]) files.delete(each);
      for (const [each, was] of before) if (each.startsWith(mainFile)) files.set(each, was);
      return "an older file";
    }
    case "other":
      files.set(mainFile, ofOther);
      if (random.chance(0.5)) for (const each of [`${mainFile}-wal`, `${mainFile}-shm`]) files.delete(each);
      return "the file of another job";
    case "wal":
      files.set(`${mainFile}-wal`, random.pick([...older, killed]).get(`${mainFile}-wal`) as Buffer);
      return "a write-ahead log of another time";
  }
  files.set(path, bytes);
  return `${kind} in ${path} at ${offset}`;
}

function outcomeOf(directory: string, onDamage: OnDamage) {
  try {
    const opened = storage.open(directory, { onDamage });
    storage.close(opened);
    const { epoch, ...content } = textsOf(opened.found);
    return { epoch, content, fellBack: opened.found.fallBack !== undefined };
  } catch (error) {
    return { code: (error as { code?: unknown }).code ?? String(error) };
  }
}

function contentAt(epoch: number) {
  const { epoch: _, ...content } = textsAt(epoch);
  return content;
}

describe.each(["closed", "killed"] as const)("a storage that was %s", (end) => {
  test("and damaged in any one place is refused by a code, or what it gives is right", async () => {
    const all = await scenes();
    const random = new SeededRandom(end === "closed" ? 1 : 2);
    const seen = new Map<string, number>();

    for (let trial = 0; trial < trialCount; trial += 1) {
      const files = new Map(all[end]);
      const what = damage(files, random, all);
      const directory = directoryWith(files);

      const outcome = outcomeOf(directory, "refuse");

      if ("code" in outcome) expect(outcome.code, what).toMatch(/^ERR_JOB_STORAGE_(DAMAGED|FORMAT|FOREIGN)$/);
      else expect(outcome, what).toEqual({ epoch: 3, content: contentAt(3), fellBack: false });
      rmSync(directory, { recursive: true });
      const result = String("code" in outcome ? outcome.code : "right");
      seen.set(result, (seen.get(result) ?? 0) + 1);
    }

    // Each happens, or the trials show nothing.
    expect(seen.get("ERR_JOB_STORAGE_DAMAGED")).toBeGreaterThan(100);
    expect(seen.get("ERR_JOB_STORAGE_FOREIGN")).toBeGreaterThan(10);
    expect(seen.get("right")).toBeGreaterThan(100);
  });

  test("and damaged in two places goes on from the newest checkpoint that is whole, when it is told to", async () => {
    const all = await scenes();
    const random = new SeededRandom(end === "closed" ? 3 : 4);
    const epochsSeen = new Map<number, number>();

    for (let trial = 0; trial < trialCount / 3; trial += 1) {
      const files = new Map(all[end]);
      const what = `${damage(files, random, all)}, ${damage(files, random, all)}`;
      const directory = directoryWith(files);

      const outcome = outcomeOf(directory, "fall-back");

      if ("code" in outcome) {
        expect(outcome.code, what).toMatch(/^ERR_JOB_STORAGE_(DAMAGED|FORMAT|FOREIGN)$/);
      } else {
        const epoch = outcome.content.state.length;
        expect([1, 2, 3], what).toContain(epoch);
        expect(outcome.content, what).toEqual(contentAt(epoch));
        // What was lost with the damage had lower epochs than what comes now.
        expect(outcome.epoch, what).toBeGreaterThanOrEqual(outcome.fellBack ? 1_000_000 : epoch);
        expect(outcomeOf(directory, "refuse"), what).toEqual({ ...outcome, fellBack: false });
        epochsSeen.set(epoch, (epochsSeen.get(epoch) ?? 0) + 1);
      }
      rmSync(directory, { recursive: true });
    }

    for (const epoch of [1, 2, 3]) expect(epochsSeen.get(epoch), `epoch ${epoch}`).toBeGreaterThan(0);
  });
});
