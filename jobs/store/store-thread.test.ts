import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Aside } from "../../runtime/index.ts";
import { readStoreFile } from "./file/read-store-file.ts";
import { delta, noCopies, TestStorage } from "./fixtures/test-storage.ts";
import { createStoreThread } from "./store-thread.ts";

let storage: TestStorage;
beforeEach(() => {
  storage = new TestStorage();
});
afterEach(() => storage.remove());

test("a savepoint holds the checkpoint of when it was asked for, while further ones are written", async () => {
  const directory = join(storage.folder, "data");
  const handle = createStoreThread();
  const manifest = { job: "totals", graph: "graph", operators: [], createdAtMs: 0, begunFrom: "" };
  const ask = (request: object) => Promise.resolve(handle(request));
  const commit = (epoch: number) =>
    ask({ kind: "commit", commit: { epoch, atMs: 0, changes: delta(epoch, "x"), tables: [] } });
  await ask({
    kind: "open",
    directory,
    manifest,
    copies: noCopies,
    onDamage: "refuse",
    tables: [],
    isTemporary: false,
  });
  await commit(1);

  const taken = await ask({ kind: "savepoint", name: "first" });
  const twice = await ask({ kind: "savepoint", name: "first" });
  await commit(2);
  if (!(taken instanceof Aside) || !(twice instanceof Aside)) throw new Error("expected to go on aside");
  const refused = expect(twice.answer).rejects.toMatchObject({ code: "ERR_JOB_SAVEPOINT_TAKEN" });
  await ask({ kind: "close" });

  const { path } = (await taken.answer) as { path: string };
  await refused;
  expect(readStoreFile(path, "totals", 0).epoch).toBe(1);
  expect(readStoreFile(join(directory, "totals.sqlite"), "totals", 0).epoch).toBe(2);
});
