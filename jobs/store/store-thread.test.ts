/** Files as they are left, and as they should never be. The handler of the store thread runs on this one. */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoredCheckpoint } from "./file/read-store-file.ts";
import type { StoreChanges } from "./file/store-parts.ts";
import { createStoreThread, type StoreRequestHandler } from "./store-thread.ts";

const graph = 'job "totals"\nsource "numbers": generate x 1 -> "out"\noperator "count": count x 2 -> "out"';
let folder: string;
let copies: string;
let open: StoreRequestHandler[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-store-"));
  copies = mkdtempSync(join(tmpdir(), "millrace-store-"));
});

afterEach(() => {
  for (const thread of open) thread({ kind: "close" });
  open = [];
  for (const each of [folder, copies]) rmSync(each, { recursive: true });
});

/** A store thread, and what it found in the storage. */
function opened(directory: string, manifest: { job?: string; graph?: string; createdAtMs?: number } = {}) {
  const thread = createStoreThread();
  const full = { job: "totals", graph, operators: [], createdAtMs: 1_000, ...manifest };
  const found = thread({ kind: "open", directory, manifest: full }) as StoredCheckpoint;
  open.push(thread);
  return { thread, found };
}

function close(thread: StoreRequestHandler): void {
  open = open.filter((each) => each !== thread);
  thread({ kind: "close" });
}

const standing = (text: string) => ({ operator: "numbers", instance: 0, bytes: Buffer.from(text) });

const delta = (number: number, text: string, replaces = false) => ({
  operator: "count",
  instance: 1,
  number,
  bytes: Buffer.from(text.repeat(300)),
  replaces,
});

function commit(thread: StoreRequestHandler, epoch: number, changes: StoreChanges): void {
  thread({ kind: "commit", commit: { epoch, atMs: 2_000, changes } });
}

/** Three checkpoints. */
function filled(directory: string): StoreRequestHandler {
  const { thread } = opened(directory);
  for (const epoch of [1, 2, 3]) {
    commit(thread, epoch, { standings: [standing(`behind ${epoch}`)], state: [delta(epoch, `state ${epoch} `)] });
  }
  return thread;
}

/** As it is on the disk while the owner runs, or was killed. */
function copyOf(directory: string): string {
  const copy = mkdtempSync(join(copies, "copy-"));
  cpSync(directory, copy, { recursive: true });
  return copy;
}

function texts({ epoch, contents }: StoredCheckpoint) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  return {
    epoch,
    standings: contents.standings.map(({ operator, instance, bytes }) => `${operator} ${instance} ${text(bytes)}`),
    state: contents.state.map(({ operator, instance, number, bytes }) =>
      [operator, instance, number, text(bytes)].join(" "),
    ),
  };
}

const third = {
  epoch: 3,
  standings: ["numbers 0 behind 3"],
  state: [1, 2, 3].map((number) => `count 1 ${number} ${`state ${number} `.repeat(300)}`),
};

test("a new storage holds no checkpoint", () => {
  const { found } = opened(join(folder, "a", "b"));

  expect(texts(found)).toEqual({ epoch: 0, standings: [], state: [] });
});

describe.each(["closed", "killed"])("a storage that was %s", (end) => {
  /** A directory with three checkpoints. */
  function left(): string {
    const directory = join(folder, "data");
    const thread = filled(directory);
    if (end === "closed") {
      close(thread);
      return directory;
    }
    return copyOf(directory);
  }

  test("gives its last checkpoint back, and takes the next", () => {
    const directory = left();

    const { thread, found } = opened(directory);
    commit(thread, 4, { standings: [standing("behind 4")], state: [delta(4, "all ", true)] });
    close(thread);

    expect(texts(found)).toEqual(third);
    expect(texts(opened(directory).found)).toEqual({
      epoch: 4,
      standings: ["numbers 0 behind 4"],
      state: [`count 1 4 ${"all ".repeat(300)}`],
    });
  });

  test("is not changed by a commit that comes twice", () => {
    const directory = left();
    const { thread } = opened(directory);

    commit(thread, 3, { standings: [standing("again")], state: [delta(9, "again ")] });
    close(thread);

    expect(texts(opened(directory).found)).toEqual(third);
  });

  test("with one bit flipped anywhere is refused by a code, or what it gives is right", () => {
    const directory = left();
    const files = readdirSync(directory).filter((file) => readFileSync(join(directory, file)).length > 0);
    const seen = new Map<string, number>();
    const random = randomOf(end === "closed" ? 1 : 2);

    for (let trial = 0; trial < 200; trial += 1) {
      const copy = copyOf(directory);
      const file = files[random(files.length)] as string;
      const bytes = readFileSync(join(copy, file));
      const offset = random(bytes.length);
      bytes[offset] = (bytes[offset] as number) ^ (1 << random(8));
      writeFileSync(join(copy, file), bytes);

      const outcome = outcomeOf(copy);

      const where = `${file}, byte ${offset}: ${JSON.stringify(outcome).slice(0, 400)}`;
      if ("code" in outcome) expect(outcome.code, where).toMatch(/^ERR_JOB_STORAGE_(DAMAGED|FORMAT|FOREIGN)$/);
      else expect(outcome, where).toEqual(third);
      const result = "code" in outcome ? String(outcome.code) : "right";
      seen.set(result, (seen.get(result) ?? 0) + 1);
    }

    // Both happen, or the trials show nothing.
    expect(seen.get("ERR_JOB_STORAGE_DAMAGED")).toBeGreaterThan(20);
    expect(seen.get("right")).toBeGreaterThan(5);
  });

  test("cut off anywhere is refused by a code, or what it gives is right", () => {
    const directory = left();
    const sizes = readdirSync(directory).map((file) => [file, readFileSync(join(directory, file)).length] as const);
    const random = randomOf(3);

    for (const [file, size] of sizes.flatMap((each) => Array<typeof each>(10).fill(each))) {
      const copy = copyOf(directory);
      const length = random(size + 1);
      truncateSync(join(copy, file), length);

      const outcome = outcomeOf(copy);

      if ("code" in outcome) expect(outcome.code, `${file} cut to ${length}`).toBe("ERR_JOB_STORAGE_DAMAGED");
      else expect(outcome, `${file} cut to ${length}`).toEqual(third);
    }
  });

  test("without its file is refused, not started anew", () => {
    const directory = left();
    rmSync(join(directory, "totals.sqlite"));

    expect(() => opened(directory)).toThrow(code("ERR_JOB_STORAGE_DAMAGED", /missing.*epoch 3/));
  });
});

describe("a storage is refused, and stays as it is,", () => {
  test("when its file is empty", () => {
    writeFileSync(join(folder, "totals.sqlite"), "");

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_DAMAGED", /empty/));
  });

  test("when its file is of another job", () => {
    close(opened(folder, { job: "other" }).thread);
    cpSync(join(folder, "other.sqlite"), join(folder, "totals.sqlite"));

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_FOREIGN", /"other", not of "totals"/));
  });

  test("when its file is of another program", () => {
    const database = new DatabaseSync(join(folder, "totals.sqlite"));
    database.exec("CREATE TABLE birds (name TEXT)");
    database.close();

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_FOREIGN", /no file of checkpoints/));
  });

  test("when its file is no database", () => {
    writeFileSync(join(folder, "totals.sqlite"), "some notes".repeat(1_000));

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_DAMAGED", /not a database/));
  });

  test("when its file is of a newer version", () => {
    close(opened(folder).thread);
    const database = new DatabaseSync(join(folder, "totals.sqlite"));
    database.exec("PRAGMA user_version = 3");
    database.close();

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_FORMAT", /format 3, .* format 2/));
  });

  test("when its file is an older copy", () => {
    const thread = filled(folder);
    const older = copyOf(folder);
    commit(thread, 4, { standings: [standing("behind 4")] });
    close(thread);
    for (const ending of ["sqlite", "sqlite-wal"])
      cpSync(join(older, `totals.${ending}`), join(folder, `totals.${ending}`));

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_DAMAGED", /epoch 3, and has held that of epoch 4/));

    rmSync(join(folder, "totals.owner"));
    expect(texts(opened(folder).found)).toEqual(third);
  });

  test("when the graph is another one", () => {
    close(filled(folder));
    const changed = graph.replace("count x 2", "count x 3");

    expect(() => opened(folder, { graph: changed })).toThrow(
      code("ERR_JOB_STORAGE_GRAPH", /in the checkpoint: operator "count": count x 2[\s\S]*in the job now: .* x 3/),
    );
    expect(texts(opened(folder).found)).toEqual(third);
  });

  test("when a record is missing", () => {
    close(filled(folder));
    const database = new DatabaseSync(join(folder, "totals.sqlite"));
    database.exec("DELETE FROM delta WHERE number = 2");
    database.close();

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_DAMAGED", /its state are 2 records that are not the 3/));
  });

  test("when a record says something else, by its name", () => {
    close(filled(folder));
    const database = new DatabaseSync(join(folder, "totals.sqlite"));
    database.exec("UPDATE delta SET instance = 0 WHERE number = 2");
    database.close();

    expect(() => opened(folder)).toThrow(code("ERR_JOB_STORAGE_DAMAGED", /delta count\/0\/2, of epoch 2/));
  });

  test("when its place is a file, or cannot be written", () => {
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "taken", "totals.lock"), { recursive: true });

    expect(() => opened(join(folder, "file"))).toThrow(code("ERR_JOB_STORAGE", /file cannot be used/));
    expect(() => opened("/proc/millrace")).toThrow(code("ERR_JOB_STORAGE", /cannot be used/));
    expect(() => opened(join(folder, "taken"))).toThrow(code("ERR_JOB_STORAGE", /cannot be locked/));
  });

  test("when another run uses it, which is named", () => {
    const { thread } = opened(folder);

    expect(() => opened(folder, { createdAtMs: 5_000 })).toThrow(
      code("ERR_JOB_STORAGE_LOCKED", new RegExp(`used by process ${process.pid} on .*, for 4000 ms`)),
    );

    close(thread);
    expect(opened(folder).found.epoch).toBe(0);
  });
});

test("two jobs share a directory", () => {
  filled(folder);

  expect(opened(folder, { job: "other" }).found.epoch).toBe(0);
});

test("a draft that was never finished is made again", () => {
  writeFileSync(join(folder, "totals.sqlite.new"), "half");

  expect(opened(folder).found.epoch).toBe(0);
});

test("a commit that fails leaves the checkpoint before, and may come again", () => {
  const thread = filled(folder);
  const twice = { standings: [standing("behind 4")], state: [delta(3, "a number that is taken ")] };
  expect(() => commit(thread, 4, twice)).toThrow(/UNIQUE/);
  expect(texts(opened(copyOf(folder)).found)).toEqual(third);

  commit(thread, 4, { standings: [standing("behind 4")] });

  expect(opened(copyOf(folder)).found.epoch).toBe(4);
});

function outcomeOf(directory: string): { readonly code: unknown } | { readonly epoch: number } {
  try {
    const { thread, found } = opened(directory);
    close(thread);
    return texts(found);
  } catch (error) {
    return { code: (error as { code?: unknown }).code ?? String(error) };
  }
}

function code(expected: string, message: RegExp): unknown {
  return expect.objectContaining({ code: expected, message: expect.stringMatching(message) });
}

/** The same numbers each time, from 0 to below a bound. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
