import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mergedEntries } from "../../actors/index.ts";
import { commit, delta, TestStorage } from "./fixtures/test-storage.ts";
import { StateReader } from "./state-reader.ts";

let storage: TestStorage;
let file: string;
let reader: StateReader | undefined;

beforeEach(() => {
  storage = new TestStorage();
  file = join(storage.folder, "data", "totals.sqlite");
});

afterEach(() => {
  reader?.close();
  storage.remove();
});

test("reads the state of the newest checkpoint while others are written, of the operators that keep any", () => {
  const opened = storage.filled(join(storage.folder, "data"));
  reader = new StateReader(file);
  const keysAt = (epoch: number) => {
    const deltas = reader?.deltasOf(["parse", "count"], 1, epoch) ?? {};
    expect(Object.keys(deltas)).toEqual(["count"]);
    return mergedEntries(deltas.count ?? []).map(([, key]) => key);
  };

  expect(keysAt(3)).toEqual([1, 2, 3]);
  commit(opened, 4, delta("more", "x"));

  expect(keysAt(4)).toEqual([1, 2, 3, "more"]);
  expect(reader.deltasOf(["count"], 0, 4)).toEqual({});
});

test("refuses a checkpoint that is not the one it is asked for, and a record that is damaged", () => {
  storage.filled(join(storage.folder, "data"));
  reader = new StateReader(file);
  expect(() => reader?.deltasOf(["count"], 1, 2)).toThrow(
    expect.objectContaining({
      code: "ERR_JOB_STORAGE",
      message: expect.stringMatching(/of epoch 3, and should .* epoch 2/),
    }),
  );
  const database = new DatabaseSync(file);
  database.exec("UPDATE delta SET epoch = 1 WHERE number = 2");
  database.close();

  expect(() => reader?.deltasOf(["count"], 1, 3)).toThrow(
    expect.objectContaining({
      code: "ERR_JOB_STORAGE_DAMAGED",
      message: expect.stringMatching(/delta count\/1\/2, of epoch 1, does not match/),
    }),
  );
});
