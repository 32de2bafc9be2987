import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packModules } from "./pack-modules.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-packing-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(modules: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(modules)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Returns what imports a module of the pack. */
async function packed(...entries: string[]): Promise<(path: string) => Promise<Record<string, unknown>>> {
  const folder = join(root, "packed");
  await packModules({ root, entries, folder, home: 'import.meta.resolve("./")', ending: ".js", packages: [] });
  return (path) => import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href);
}

test("a class is the same one by whichever module it is imported", async () => {
  write({
    "jobs/shape.ts": "export class Shape { readonly sides: number = 4 }",
    "jobs/index.ts": 'export { Shape } from "./shape.ts";',
    "jobs/load.ts": 'import { Shape } from "./shape.ts"; export const isShape = (it: unknown) => it instanceof Shape;',
  });

  const load = await packed("jobs/index.ts", "jobs/load.ts", "jobs/shape.ts");

  const { Shape } = (await load("jobs/index.js")) as { Shape: new () => object };
  const { isShape } = (await load("jobs/load.js")) as { isShape: (it: unknown) => boolean };
  expect(isShape(new Shape())).toBe(true);
  expect((await load("jobs/shape.js")).Shape).toBe(Shape);
});

test("what a thread begins with is in the first file, what its job needs in the next, and all else in the last", async () => {
  write({
    "runtime/codec.ts": "export const codec = 'codec';",
    "runtime/threads/thread-main.ts": 'import { codec } from "../codec.ts"; export const main = codec;',
    "jobs/builder.ts": 'import { codec } from "../runtime/codec.ts"; export const builder = codec;',
    "jobs/index.ts": 'export { builder } from "./builder.ts"; export { codec } from "../runtime/codec.ts";',
    "jobs/simulate.ts": 'import { builder } from "./builder.ts"; export const simulated = builder;',
    "jobs/testing/index.ts": 'export { simulated } from "../simulate.ts";',
  });

  const load = await packed("jobs/index.ts", "runtime/threads/thread-main.ts", "jobs/testing/index.ts");

  const files = readdirSync(join(root, "packed")).filter((name) => name.endsWith(".js"));
  expect(files).toEqual(expect.arrayContaining(["millrace.js", "testing.js", "threads.js"]));
  expect(Object.values(await load("threads.js"))).toEqual(["codec"]);
  expect(await load("jobs/testing/index.js")).toMatchObject({ simulated: "codec" });
});

test("a module knows itself by the path it had, and nothing that only speaks of such URLs is changed", async () => {
  write({
    "jobs/run/cell.ts": 'export const url: string = import.meta.url; export const text = "write import.meta.url";',
    "jobs/index.ts": 'export { text, url } from "./run/cell.ts";',
  });

  const load = await packed("jobs/index.ts", "jobs/run/cell.ts");

  const url = pathToFileURL(join(root, "packed/jobs/run/cell.js")).href;
  expect(await load("jobs/index.js")).toMatchObject({ text: "write import.meta.url", url });
});

test("what a process is started with runs when it is named, and only then", async () => {
  write({
    "jobs/started.ts": "export const started: string[] = [];",
    "jobs/main.ts": 'import { started } from "./started.ts"; started.push("main");',
    "jobs/index.ts": 'export { started } from "./started.ts";',
  });
  const load = await packed("jobs/index.ts", "jobs/main.ts");

  const { started } = await load("jobs/index.js");

  expect(started).toEqual([]);
  await load("jobs/main.js");
  expect(started).toEqual(["main"]);
});

test("a module that does not parse is told by its path and line", async () => {
  write({ "jobs/index.ts": "export const half = (;" });

  await expect(packed("jobs/index.ts")).rejects.toThrow(/jobs\/index\.ts/);
});
