import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StorageLock } from "./storage-lock.ts";
import { makeTemporaryStorage } from "./temporary-storage.ts";

const nowMs = 10_000_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-temporary-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As made by a run that many ms ago. */
function made(ageMs: number): string {
  const path = makeTemporaryStorage(nowMs, folder);
  utimesSync(path, (nowMs - ageMs) / 1_000, (nowMs - ageMs) / 1_000);
  return path;
}

test("removes what a killed process has left behind, and nothing that is in use, young, or of others", () => {
  const left = made(3_600_000);
  new StorageLock(join(left, "dead"), "dead", nowMs).release();
  const used = makeTemporaryStorage(nowMs, folder);
  const lock = new StorageLock(join(used, "job"), "job", nowMs);
  for (const [path, ageMs] of [
    [left, 3_600_000],
    [used, 3_600_000],
  ] as const) {
    utimesSync(path, (nowMs - ageMs) / 1_000, (nowMs - ageMs) / 1_000);
  }
  const young = made(1_000);
  mkdirSync(join(folder, "others"));
  utimesSync(join(folder, "others"), 0, 0);

  const own = makeTemporaryStorage(nowMs, folder);
  lock.release();

  expect(readdirSync(folder).sort()).toEqual([...[used, young, own].map((path) => basename(path)), "others"].sort());
});

test("says which folder it could not use", () => {
  expect(() => makeTemporaryStorage(nowMs, join(folder, "missing"))).toThrow(
    expect.objectContaining({ code: "ERR_JOB_STORAGE", message: expect.stringContaining(join(folder, "missing")) }),
  );
});
