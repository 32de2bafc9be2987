import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sourceFile } from "../runtime/architecture/source-file.ts";
import { sourcePack } from "./source-pack.ts";

const repository = new URL("../", import.meta.url).pathname;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-sources-"));
  mkdirSync(join(root, "jobs"));
  mkdirSync(join(root, "node_modules"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(root, "jobs", name), text);
}

async function answerOf(pack: string): Promise<unknown> {
  const { answer } = await import(/* @vite-ignore */ pathToFileURL(join(pack, "jobs", "index.js")).href);
  return answer;
}

test("sources that have not changed have the pack that they had", async () => {
  write("index.ts", "export const answer: number = 1;");

  const packs = [await sourcePack(root), await sourcePack(root)];

  expect(packs[1]).toBe(packs[0]);
  expect(await answerOf(packs[0] as string)).toBe(1);
});

test("sources that have changed are packed anew, and as they were they are found again", async () => {
  write("index.ts", "export const answer: number = 1;");
  const first = await sourcePack(root);

  write("index.ts", "export const answer: number = 2;");
  const second = await sourcePack(root);

  expect(await answerOf(second)).toBe(2);
  write("index.ts", "export const answer: number = 1;");
  expect(await sourcePack(root)).toBe(first);
});

test.each([
  ["added", () => write("more.ts", "export const more = 1;")],
  ["removed", () => rmSync(join(root, "jobs", "less.ts"))],
])("a module that is %s makes another pack", async (_what, change) => {
  write("index.ts", "export const answer = 1;");
  write("less.ts", "export const less = 1;");
  const before = await sourcePack(root);

  change();

  expect(await sourcePack(root)).not.toBe(before);
});

test("tests are no part of it", async () => {
  write("index.ts", "export const answer = 1;");
  const before = await sourcePack(root);

  write("index.test.ts", "export const tested = 1;");

  expect(await sourcePack(root)).toBe(before);
});

test("two that pack at the same time get the same, whole", async () => {
  write("index.ts", "export const answer = 1;");

  const packs = await Promise.all([sourcePack(root), sourcePack(root)]);

  expect(packs[1]).toBe(packs[0]);
  expect(await answerOf(packs[0])).toBe(1);
  expect(readdirSync(join(root, "node_modules", ".cache", "millrace"))).toHaveLength(1);
});

test("modules of the rooms know themselves by their URL only: it is what a pack gives them", () => {
  const paths = globSync("{runtime,actors,jobs}/**/*.ts", { cwd: repository }).filter(
    (path) => !/test\.ts$|fixtures/.test(path),
  );
  const files = paths.map((path) => sourceFile(path, readFileSync(join(repository, path), "utf8")));

  const others = files.filter(({ code }) => /\bimport\.meta\b(?!\.url\b)/.test(code));

  expect(files.length).toBeGreaterThan(500);
  expect(others.map(({ path }) => path)).toEqual([]);
});
