/**
 * The log of a durable ingest on a machine that loses its power at any moment: of what no sync had confirmed, each sector of
 * 512 bytes is there or not, and so is the name of each file whose directory had not been synced. What was appended is there.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { encode, SeededRandom } from "../../../runtime/index.ts";
import { IngestLog } from "./ingest-log.ts";
import { eventsOf } from "./ingest-segment.ts";

const sectorBytes = 512;
const below = ["job", "log"] as const;
const logger = { log: () => undefined };
let folder: string;
/** What is on the disk for sure, by number of the file; of a directory, its names. */
let durable: Map<number, Buffer | readonly string[]>;
type Durable = ReadonlyMap<number, Buffer | readonly string[]>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-power-"));
  durable = new Map();
  const handle = await open(folder, "r");
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  for (const sync of ["sync", "datasync"] as const) {
    vi.spyOn(prototype, sync).mockImplementation(async function (this: FileHandle) {
      const { ino } = await this.stat();
      const place = join(folder, ...below);
      const directory = [folder, join(folder, below[0]), place].find((each) => statSync(each).ino === ino);
      if (directory !== undefined) return void durable.set(ino, readdirSync(directory));
      const name = readdirSync(place).find((each) => statSync(join(place, each)).ino === ino);
      if (name !== undefined) durable.set(ino, readFileSync(join(place, name)));
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** What is found when there is power again. */
function afterPowerLoss(random: SeededRandom, onDisk: Durable, to: string): void {
  const from = join(folder, ...below);
  const names = onDisk.get(statSync(from).ino) as readonly string[] | undefined;
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name === "lock" || (names?.includes(name) !== true && random.chance(0.5))) continue;
    const now = readFileSync(join(from, name));
    const sure = (onDisk.get(statSync(join(from, name)).ino) as Buffer | undefined) ?? Buffer.alloc(0);
    const length = random.chance(0.3) ? now.length : random.between(sure.length, now.length);
    const found = Buffer.alloc(length);
    for (let at = 0; at < length; at += sectorBytes) {
      const isThere = random.chance(0.5);
      (isThere ? now : sure).subarray(at, at + sectorBytes).copy(found, at);
    }
    writeFileSync(join(to, name), found);
  }
}

/** Opens the log there; its events, and one that is appended behind them. */
async function readIn(directory: string): Promise<readonly unknown[]> {
  const log = await IngestLog.open(directory, "another", logger);
  await log.append([{ count: 1, payload: encode([["new"], undefined]) }]);
  const events = [];
  for await (const records of log.readFrom(log.first)) events.push(...records.flatMap((each) => eventsOf(each).values));
  await log.close();
  return events;
}

test("what was appended is read again, in order, with at most some of the append that was under way behind it", async () => {
  const random = new SeededRandom(1);
  const log = await IngestLog.open(join(folder, ...below), "the-log", logger);
  const appended: string[] = [];
  expect(durable.get(statSync(folder).ino)).toContain(below[0]);
  expect(durable.get(statSync(join(folder, below[0])).ino)).toContain(below[1]);
  const kinds = new Set<string>();

  for (let append = 0; append < 60; append += 1) {
    const groups = Array.from({ length: random.between(1, 4) }, (_, group) =>
      Array.from({ length: random.between(1, 3) }, (_, at) =>
        `${append}.${group}.${at} `.repeat(random.between(1, 300)),
      ),
    );
    const batches = groups.map((values) => ({ count: values.length, payload: encode([values, undefined]) }));
    const sureBefore = new Map(durable);
    await log.append(batches);

    for (const isDone of [false, true]) {
      // The power fails before the sync of this append, or behind it.
      const place = join(folder, `found-${append}-${isDone}`);
      afterPowerLoss(random, isDone ? durable : sureBefore, place);
      const found = (await readIn(place)).slice(0, -1);
      const sure = isDone ? [...appended, ...groups.flat()] : appended;
      expect(found.slice(0, sure.length), place).toEqual(sure);
      expect([...appended, ...groups.flat()].slice(0, found.length), place).toEqual(found);
      kinds.add(`${isDone}: ${found.length - appended.length} of ${groups.flat().length}`);
      rmSync(place, { recursive: true });
    }
    appended.push(...groups.flat());
  }
  await log.close();

  // Some of it, none of it and all of it was there.
  expect(kinds.size).toBeGreaterThan(10);
});
