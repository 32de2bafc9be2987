import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commit, delta, TestStorage } from "../fixtures/test-storage.ts";
import { writeReadableState } from "./readable-state.ts";

let storage: TestStorage;
let database: DatabaseSync | undefined;

beforeEach(() => {
  storage = new TestStorage();
  const directory = join(storage.folder, "data");
  const opened = storage.open(directory);
  commit(opened, 1, delta("ulm", "one"));
  commit(opened, 2, delta(7, "seven"));
  commit(opened, 3, delta("ulm", "two"));
  storage.close(opened);
  database = new DatabaseSync(join(directory, "totals.sqlite"));
});

afterEach(() => {
  database?.close();
  storage.remove();
});

const rows = () => database?.prepare(`SELECT * FROM "state of count" ORDER BY key`).all();

test("a closed storage shows keys and values of each operator to any tool, and of which epoch they are", () => {
  expect(rows()).toEqual([
    { state: "state", key: '"ulm"', value: '"two"', instance: 1, epoch: 3 },
    { state: "state", key: "7", value: '"seven"', instance: 1, epoch: 3 },
  ]);
});

test("an operator with too many keys shows none", () => {
  writeReadableState(database as DatabaseSync, 3, 1);

  expect(rows()).toEqual([]);
});
