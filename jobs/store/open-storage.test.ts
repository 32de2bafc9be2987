/** Storages as they are left, and as they should never be. What becomes of damaged files: storage-damage.test.ts. */

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commit, delta, standing, TestStorage, textsAt, textsOf, valueAt } from "./fixtures/test-storage.ts";

let storage: TestStorage;
let folder: string;
let file: string;

beforeEach(() => {
  storage = new TestStorage();
  folder = join(storage.folder, "data");
  file = join(folder, "totals.sqlite");
});

afterEach(() => storage.remove());

function coded(code: string, message: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

/** What another tool does to the file. */
function edit(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

test("a new storage holds no checkpoint", () => {
  const { found } = storage.open(join(folder, "a", "b"));

  expect(textsOf(found)).toEqual({ epoch: 0, standings: [], state: [] });
});

describe.each(["closed", "killed"])("a storage that was %s", (end) => {
  /** A directory with three checkpoints. */
  function left(): string {
    const filled = storage.filled(folder);
    if (end === "killed") return storage.copyOf(folder);
    storage.close(filled);
    return folder;
  }

  test("gives its last checkpoint back, and takes the next", () => {
    const directory = left();

    const opened = storage.open(directory);
    commit(opened, 4, standing("behind 4"), delta(2, undefined));
    storage.close(opened);

    expect(textsOf(opened.found)).toEqual(textsAt(3));
    expect(textsOf(storage.open(directory).found)).toEqual({
      epoch: 4,
      standings: ["numbers 0 behind 4"],
      state: textsAt(3).state.filter((text) => !text.startsWith("2 ")),
    });
  });

  test("is not changed by a commit that comes twice", () => {
    const directory = left();
    const opened = storage.open(directory);

    commit(opened, 3, standing("again"), delta(9, "again"));
    storage.close(opened);

    expect(textsOf(storage.open(directory).found)).toEqual(textsAt(3));
  });
});

test("a part that a checkpoint does not write stays as it is", () => {
  const opened = storage.filled(folder);

  commit(opened, 4, standing("behind 4"));
  storage.close(opened);

  expect(textsOf(storage.open(folder).found)).toEqual({
    ...textsAt(3),
    epoch: 4,
    standings: ["numbers 0 behind 4"],
  });
});

describe("a storage is refused, and stays as it is,", () => {
  test("when its file is missing, and has held a checkpoint", () => {
    storage.close(storage.filled(folder));
    rmSync(file);

    expect(() => storage.open(folder)).toThrow(coded("ERR_JOB_STORAGE_DAMAGED", /missing.*epoch 3/));
  });

  test("when its file is empty", () => {
    mkdirSync(folder);
    writeFileSync(file, "");

    expect(() => storage.open(folder)).toThrow(coded("ERR_JOB_STORAGE_DAMAGED", /empty/));
  });

  test("when its file is of another job", () => {
    storage.close(storage.filled(folder, { job: "other" }));
    cpSync(join(folder, "other.sqlite"), file);

    expect(() => storage.open(folder)).toThrow(coded("ERR_JOB_STORAGE_FOREIGN", /"other", not of "totals"/));
  });

  test("when its file is of another program", () => {
    mkdirSync(folder);
    edit(file, "CREATE TABLE birds (name TEXT)");

    expect(() => storage.open(folder)).toThrow(coded("ERR_JOB_STORAGE_FOREIGN", /no file of checkpoints/));
  });

  test("when its file is no database", () => {
    mkdirSync(folder);
    writeFileSync(file, "some notes".repeat(1_000));

    expect(() => storage.open(folder)).toThrow(coded("ERR_JOB_STORAGE_DAMAGED", /not a database/));
  });

  test.each([1, 99])("when its file is of format %i", (format) => {
    storage.close(storage.filled(folder));
    edit(file, `PRAGMA user_version = ${format}`);

    const message = new RegExp(`has format ${format}, .* reads format 4`);
    expect(() => storage.open(folder)).toThrow(coded("ERR_JOB_STORAGE_FORMAT", message));
  });

  test("when its file is an older copy", () => {
    const opened = storage.filled(folder);
    const older = storage.copyOf(folder);
    commit(opened, 4, standing("behind 4"));
    storage.close(opened);
    for (const ending of ["sqlite", "sqlite-wal"]) {
      cpSync(join(older, `totals.${ending}`), join(folder, `totals.${ending}`));
    }

    expect(() => storage.open(folder)).toThrow(
      coded(
        "ERR_JOB_STORAGE_DAMAGED",
        /of epoch 3, and has held that of epoch 4.*epoch 3, 1 epochs before the newest/s,
      ),
    );
  });

  test("when a record is missing", () => {
    storage.close(storage.filled(folder));
    edit(file, "DELETE FROM delta WHERE number = 2");

    expect(() => storage.open(folder)).toThrow(
      coded("ERR_JOB_STORAGE_DAMAGED", /its state are 2 records that are not the 3/),
    );
  });

  test("when a record says something else, by its name", () => {
    storage.close(storage.filled(folder));
    edit(file, "UPDATE delta SET instance = 0 WHERE number = 2");

    expect(() => storage.open(folder)).toThrow(coded("ERR_JOB_STORAGE_DAMAGED", /delta count\/0\/2, of epoch 2/));
  });

  test("when a record is of another checkpoint", () => {
    storage.close(storage.filled(folder));
    const other = new TestStorage();
    const older = other.open(join(other.folder, "data"));
    commit(older, 1, standing("behind 9"), delta(1, valueAt(1)));
    commit(older, 2, delta(2, valueAt(2).replace("2", "x")));
    other.close(older);
    edit(
      file,
      `ATTACH '${join(other.folder, "data", "totals.sqlite")}' AS other;
      DELETE FROM delta WHERE number = 2; INSERT INTO delta SELECT * FROM other.delta WHERE number = 2;`,
    );
    other.remove();

    expect(() => storage.open(folder)).toThrow(
      coded("ERR_JOB_STORAGE_DAMAGED", /its state are 3 records that are not the 3/),
    );
  });

  test("when its place is a file, or cannot be written", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "taken", "totals.lock"), { recursive: true });

    expect(() => storage.open(join(folder, "file"))).toThrow(
      coded("ERR_JOB_STORAGE", /file cannot be used: .*file is no directory/),
    );
    expect(() => storage.open("/proc/millrace")).toThrow(coded("ERR_JOB_STORAGE", /cannot be used/));
    expect(() => storage.open(join(folder, "taken"))).toThrow(coded("ERR_JOB_STORAGE", /cannot be locked/));
  });

  test("when another run uses it, which is named with its age", () => {
    const opened = storage.open(folder);

    expect(() => storage.open(folder, { nowMs: 5_000 })).toThrow(
      coded("ERR_JOB_STORAGE_LOCKED", new RegExp(`used by process ${process.pid} on .*, for 4000 ms`)),
    );

    storage.close(opened);
    expect(storage.open(folder).found.epoch).toBe(0);
  });
});

test("two jobs share a directory", () => {
  storage.filled(folder);

  expect(storage.open(folder, { job: "other" }).found.epoch).toBe(0);
});

test("a draft that was never finished is made again", () => {
  mkdirSync(folder);
  writeFileSync(`${file}.new`, "half");

  expect(storage.open(folder).found.epoch).toBe(0);
});

test("a commit that fails leaves the checkpoint before, and may come again", () => {
  const opened = storage.filled(folder);
  const nameless = { state: [{ operator: null as never, instance: 1, bytes: Buffer.alloc(1) }] };
  expect(() => commit(opened, 4, standing("behind 4"), nameless)).toThrow(/NOT NULL/);
  expect(textsOf(storage.open(storage.copyOf(folder)).found)).toEqual(textsAt(3));

  commit(opened, 4, standing("behind 4"));

  expect(storage.open(storage.copyOf(folder)).found.epoch).toBe(4);
});

test("deltas are merged while they are written, and damage is not merged along", () => {
  const opened = storage.filled(folder);
  for (let epoch = 4; epoch <= 200; epoch += 1) commit(opened, epoch, delta(epoch % 7, `value ${epoch}`));

  const { contents } = storage.open(storage.copyOf(folder)).found;
  expect(contents.state.length).toBeLessThan(20);
  expect(textsOf({ epoch: 200, contents }).state.toSorted()).toEqual(
    [194, 195, 196, 197, 198, 199, 200].map((epoch) => `${epoch % 7} value ${epoch}`).toSorted(),
  );

  edit(file, "UPDATE delta SET bytes = zeroblob(length)");
  expect(() => {
    for (let epoch = 201; epoch <= 400; epoch += 1) commit(opened, epoch, delta(epoch % 7, `value ${epoch}`));
  }).toThrow(coded("ERR_JOB_STORAGE_DAMAGED", /delta count\/1\/\d+, of epoch \d+, does not match/));
});
