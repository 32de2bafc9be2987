import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encode } from "../../../runtime/index.ts";
import type { TableDefinition, TableRow } from "../../tables/table-row.ts";
import { TestStorage } from "../fixtures/test-storage.ts";
import type { OpenedStorage } from "../open-storage.ts";

const keyed: TableDefinition = { name: "totals", columns: ["city", "count"], key: ["city"] };
const plain: TableDefinition = { name: "log", columns: ["line"], key: [] };

let storage: TestStorage;
let directory: string;

beforeEach(() => {
  storage = new TestStorage();
  directory = join(storage.folder, "data");
});

afterEach(() => storage.remove());

function write(opened: OpenedStorage, epoch: number, table: TableDefinition, ...rows: readonly TableRow[]): void {
  opened.file.commit({ epoch, atMs: 0, changes: {}, tables: [{ table, bytes: encode(rows) }] });
}

function read(sql: string): unknown[] {
  const database = new DatabaseSync(join(directory, "totals.sqlite"), { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row));
  } finally {
    database.close();
  }
}

describe("a table of the author in the file of a job", () => {
  test("gets a row for each event, or the newest of each key", () => {
    const opened = storage.open(directory, { tables: [keyed, plain] });

    write(opened, 1, keyed, ["Ulm", 1], ["Bonn", 2]);
    write(opened, 2, keyed, ["Ulm", 3]);
    write(opened, 3, plain, ["a"], ["a"]);

    expect(read("SELECT * FROM totals ORDER BY city")).toEqual([
      ["Bonn", 2],
      ["Ulm", 3],
    ]);
    expect(read("SELECT line FROM log")).toEqual([["a"], ["a"]]);
  });

  test("holds values as they are: whole numbers as integers, texts of digits as texts", () => {
    const opened = storage.open(directory, { tables: [plain] });

    write(opened, 1, plain, [1], [1.5], ["007"], [2n ** 62n], [null], [new Uint8Array([1])]);

    expect(read("SELECT typeof(line), CAST(line AS TEXT) FROM log ORDER BY rowid").slice(0, 5)).toEqual([
      ["integer", "1"],
      ["real", "1.5"],
      ["text", "007"],
      ["integer", "4611686018427387904"],
      ["null", null],
    ]);
  });

  test("is written with its checkpoint or not at all, and not again for an epoch that is complete", () => {
    const opened = storage.open(directory, { tables: [plain] });
    const wrong = { table: { ...plain, name: "none" }, bytes: encode([["b"]]) };

    write(opened, 1, plain, ["a"]);
    write(opened, 1, plain, ["a"]);
    const tables = [{ table: plain, bytes: encode([["b"]]) }, wrong];
    expect(() => opened.file.commit({ epoch: 2, atMs: 0, changes: {}, tables })).toThrow(
      expect.objectContaining({ code: "ERR_SQLITE_ERROR" }),
    );

    expect(read("SELECT line FROM log")).toEqual([["a"]]);
    expect(read("SELECT epoch FROM checkpoint")).toEqual([[1]]);
  });

  test("that consists of its key keeps each row once", () => {
    const set: TableDefinition = { name: "seen", columns: ["city"], key: ["city"] };
    const opened = storage.open(directory, { tables: [set] });

    write(opened, 1, set, ["Ulm"], ["Ulm"]);
    write(opened, 2, set, ["Ulm"]);

    expect(read("SELECT * FROM seen")).toEqual([["Ulm"]]);
  });

  test("is found again when the job goes on", () => {
    const first = storage.open(directory, { tables: [keyed] });
    write(first, 1, keyed, ["Ulm", 1]);
    first.lock.note(1);
    storage.close(first);

    const opened = storage.open(directory, { tables: [keyed] });
    write(opened, 2, keyed, ["Bonn", 2]);

    expect(read("SELECT count(*) FROM totals")).toEqual([[2]]);
  });

  test.each<[string, TableDefinition]>([
    ["has other columns", { ...keyed, columns: ["city", "sum"] }],
    ["has another key", { ...keyed, key: [] }],
    ["has the name of a table of the file", { ...keyed, name: "Manifest" }],
    ["has a name of SQLite", { ...keyed, name: "sqlite_x" }],
  ])("is refused when it %s, and the file is free again", (_, table) => {
    storage.close(storage.open(directory, { tables: [keyed] }));

    expect(() => storage.open(directory, { tables: [table] })).toThrow(
      expect.objectContaining({ code: "ERR_JOB_STORAGE_TABLE", message: expect.stringContaining(`"${table.name}"`) }),
    );
    storage.open(directory, { tables: [keyed] });
  });
});
