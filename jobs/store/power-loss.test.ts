/**
 * The file of a job on a machine that loses its power while a checkpoint is written: of what SQLite has not synced by then, which is
 * the end of its write-ahead log, each sector of 512 bytes is there, is what was there before, or is nothing. What was told to be
 * complete is found again, or the checkpoint behind it, whole.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SeededRandom } from "../../runtime/index.ts";
import { commit, delta, standing, TestStorage, textsAt, textsOf, valueAt } from "./fixtures/test-storage.ts";

type Files = ReadonlyMap<string, Buffer>;

const epochCount = 12;
const trialsPerEpoch = 15;
const sectorBytes = 512;
const log = "totals.sqlite-wal";
let storage: TestStorage;

beforeEach(() => {
  storage = new TestStorage();
});

afterEach(() => storage.remove());

function filesOf(directory: string): Files {
  const names = readdirSync(directory, { withFileTypes: true }).filter((each) => each.isFile());
  return new Map(names.map(({ name }) => [name, readFileSync(join(directory, name))]));
}

/** A log of which all that was written since `before` may be there or not, sector by sector. */
function torn(before: Buffer, after: Buffer, random: SeededRandom): Buffer {
  if (random.chance(0.2)) return after;
  const length = random.chance(0.3)
    ? after.length
    : random.between(Math.min(before.length, after.length), after.length);
  const found = Buffer.alloc(length);
  const share = random.next();
  for (let at = 0; at < length; at += sectorBytes) {
    const from = random.chance(share) ? after : before;
    from.subarray(at, Math.min(at + sectorBytes, length)).copy(found, at);
  }
  return found;
}

test("a checkpoint that was complete is found again, or the one that was being written", () => {
  const random = new SeededRandom(1);
  const directory = join(storage.folder, "data");
  const opened = storage.open(directory);
  const at: Files[] = [filesOf(directory)];
  for (let epoch = 1; epoch <= epochCount; epoch += 1) {
    commit(opened, epoch, standing(`behind ${epoch}`), delta(epoch, valueAt(epoch)));
    at.push(filesOf(directory));
  }
  const seen = new Map<string, number>();

  for (let epoch = 1; epoch <= epochCount; epoch += 1) {
    const [before, after] = [at[epoch - 1] as Files, at[epoch] as Files];
    for (let trial = 0; trial < trialsPerEpoch; trial += 1) {
      const place = join(storage.folder, `trial-${epoch}-${trial}`);
      mkdirSync(place);
      const found = new Map(before);
      found.set(log, torn(before.get(log) ?? Buffer.alloc(0), after.get(log) as Buffer, random));
      // What says where in the log is what is in memory, and has to be made anew.
      if (random.chance(0.5)) found.delete("totals.sqlite-shm");
      for (const [name, bytes] of found) writeFileSync(join(place, name), bytes);

      const again = storage.open(place);
      const texts = textsOf(again.found);
      storage.close(again);

      expect([epoch - 1, epoch], place).toContain(texts.epoch);
      if (texts.epoch > 0) expect(texts, place).toEqual(textsAt(texts.epoch));
      const which = texts.epoch === epoch ? "the new one" : "the one before";
      seen.set(which, (seen.get(which) ?? 0) + 1);
      rmSync(place, { recursive: true });
    }
  }

  expect(seen.get("the new one")).toBeGreaterThan(20);
  expect(seen.get("the one before")).toBeGreaterThan(50);
});
