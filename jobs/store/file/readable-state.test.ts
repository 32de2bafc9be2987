import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeDelta, MapChange, type StateEntry, type StateForm } from "../../../actors/index.ts";
import { readableChangeBytesMax, readableIntervalMs, readableRewriteBytesMax } from "../../limits.ts";
import { TestStorage } from "../fixtures/test-storage.ts";
import type { OpenedStorage } from "../open-storage.ts";
import { ReadableState } from "./readable-state.ts";

let storage: TestStorage;
let directory: string;
let opened: OpenedStorage;
let reader: DatabaseSync;

beforeEach(() => {
  storage = new TestStorage();
  directory = join(storage.folder, "data");
  opened = storage.open(directory);
  reader = new DatabaseSync(join(directory, "totals.sqlite"), { readOnly: true });
});

afterEach(() => {
  reader.close();
  storage.remove();
});

const counted: StateForm = { kind: "count", version: 1, owner: "key" };

const wholeForm: StateForm = { kind: "value", version: 1, owner: "instance" };

function write(epoch: number, entries: readonly StateEntry[], atMs = epoch): void {
  const bytes = new Uint8Array(encodeDelta("count", entries));
  opened.file.commit({ epoch, atMs, changes: { state: [{ operator: "count", instance: 1, bytes }] }, tables: [] });
}

const count = (key: string, value: number, timeMs?: number): StateEntry => [
  "fold",
  key,
  true,
  [value, timeMs],
  counted,
];
const large = (key: string, bytes: number): StateEntry => ["text", key, true, "x".repeat(bytes)];
const keys = () =>
  reader
    .prepare(`SELECT key FROM "state of count" ORDER BY key`)
    .all()
    .map(({ key }) => key);
const overview = () => reader.prepare(`SELECT * FROM "state overview"`).all();

test("any tool sees keys and values of each checkpoint at once, as people know them", () => {
  write(1, [count("ulm", 1), ["minutes", "ulm", true, new Map([["a", 1n]])], ["total", 7, true, [1, 2]]]);
  write(2, [count("ulm", 2, 1_000), ["total", 7, false, undefined], ["whole", "", true, "all", wholeForm]]);

  expect(reader.prepare(`SELECT * FROM "state of count" ORDER BY state`).all()).toEqual([
    {
      state: "count",
      kind: "count",
      key: '"ulm"',
      value: "2",
      time: "1970-01-01T00:00:01.000Z",
      instance: 1,
      epoch: 2,
    },
    { state: "minutes", kind: "state", key: '"ulm"', value: '[["a","1"]]', time: null, instance: 1, epoch: 1 },
    { state: "whole", kind: "value", key: "null", value: '"all"', time: null, instance: 1, epoch: 2 },
  ]);
  expect(overview()).toEqual([
    { operator: "count", keys_shown: 3, rows_epoch: 2, checkpoint_epoch: 2, remark: "as of the checkpoint" },
  ]);
});

test("a key that is removed and comes back in one checkpoint is shown", () => {
  write(1, [count("ulm", 1)]);
  write(2, [["fold", "ulm", false, undefined, counted], count("ulm", 5)]);

  expect(reader.prepare(`SELECT value FROM "state of count"`).all()).toEqual([{ value: "5" }]);
});

test("what changes much stays behind, says so, and is written anew some time later", () => {
  write(1, [large("ulm", readableChangeBytesMax)]);
  write(2, [large("bonn", readableChangeBytesMax)]);
  write(3, [count("rome", 1)]);
  expect([keys(), overview()]).toMatchObject([
    ['"ulm"'],
    [{ rows_epoch: 1, checkpoint_epoch: 3, remark: expect.stringContaining("older") }],
  ]);

  write(4, [count("oslo", 1)], readableIntervalMs + 1);
  expect([keys(), overview()]).toMatchObject([['"bonn"', '"oslo"', '"rome"', '"ulm"'], [{ rows_epoch: 4 }]]);

  write(5, [count("bari", 1)], readableIntervalMs + 2);
  expect(keys()).toContain('"bari"');
});

test("what is large is written when the storage is closed", () => {
  write(1, [count("ulm", 1)]);
  write(2, [large("bonn", readableRewriteBytesMax)]);
  write(3, [count("rome", 1)], 3 * readableIntervalMs);
  expect(keys()).toEqual(['"ulm"']);

  storage.close(opened);

  expect([keys(), overview()]).toMatchObject([['"bonn"', '"rome"', '"ulm"'], [{ rows_epoch: 3 }]]);
});

test("after a kill the rows are there, and the next run goes on with them", () => {
  write(1, [count("ulm", 1)]);
  const killed = storage.copyOf(directory);
  reader.close();
  reader = new DatabaseSync(join(killed, "totals.sqlite"));
  expect([keys(), overview()]).toMatchObject([['"ulm"'], [{ rows_epoch: 1 }]]);

  opened = storage.open(killed);
  write(2, [count("rome", 1)]);
  expect([keys(), overview()]).toMatchObject([['"rome"', '"ulm"'], [{ rows_epoch: 2 }]]);

  write(3, [large("bonn", readableChangeBytesMax)]);
  write(4, [large("bari", readableChangeBytesMax)]);
  const again = storage.copyOf(killed);
  opened = storage.open(again);
  reader.close();
  reader = new DatabaseSync(join(again, "totals.sqlite"));
  expect(overview()).toMatchObject([{ rows_epoch: 3, checkpoint_epoch: 4 }]);
  write(5, [count("oslo", 1)]);
  expect([keys(), overview()]).toMatchObject([['"bari"', '"bonn"', '"oslo"', '"rome"', '"ulm"'], [{ rows_epoch: 5 }]]);
});

test("an operator with too many keys shows none, and says so", () => {
  write(1, [large("ulm", readableChangeBytesMax)]);
  write(2, [large("bonn", readableChangeBytesMax)]);
  const database = new DatabaseSync(join(directory, "totals.sqlite"));

  new ReadableState(database, 1).writeAll(2);
  database.close();

  expect([keys(), overview()]).toMatchObject([[], [{ remark: expect.stringContaining("large") }]]);
});

test("rows of a map follow what changed in it, as long as its operator keeps little", () => {
  const mapForm: StateForm = { kind: "map", version: 1, owner: "key" };
  const rows = () => reader.prepare(`SELECT value, epoch FROM "state of count" WHERE key = '"a"'`).all();
  write(1, [
    [
      "rows",
      "a",
      true,
      new Map([
        [1, "one"],
        [2, "two"],
      ]),
      mapForm,
    ],
  ]);

  write(2, [["rows", "a", true, new MapChange(new Set([1]), new Map([[3, "three"]])), mapForm]]);

  expect(rows()).toEqual([{ value: expect.stringMatching(/two.*three/), epoch: 2 }]);
  expect(rows()[0]?.value).not.toMatch(/one/);

  write(3, [["text", "b", true, "x".repeat(readableRewriteBytesMax)]]);
  write(4, [["rows", "a", true, new MapChange(new Set([2]), new Map()), mapForm]]);

  expect(overview()).toMatchObject([{ operator: "count", remark: expect.stringMatching(/older|changes much/) }]);
});
