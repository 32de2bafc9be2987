import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadJob } from "./load-job.ts";

const definitions = JSON.stringify(new URL("./define-job.ts", import.meta.url).href);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-load-job-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("the job of a module", () => {
  test("is its default export, by path or URL", async () => {
    const path = await module("default.ts", 'export default defineJob("first", import.meta.url, () => {});');

    expect((await loadJob(path)).name).toBe("first");
    expect((await loadJob(pathToFileURL(path).href)).name).toBe("first");
  });

  test("is its only job when it has no default export", async () => {
    const path = await module("only.ts", 'export const job = defineJob("only", () => {}); export const n = 1;');

    expect((await loadJob(path)).name).toBe("only");
  });

  test("is the one that was asked for, by its name or that of the export", async () => {
    const path = await module(
      "several.ts",
      'export default defineJob("first", () => {}); export const other = defineJob("second", () => {});',
    );

    expect((await loadJob(path)).name).toBe("first");
    expect((await loadJob(path, { name: "second" })).name).toBe("second");
    expect((await loadJob(path, { name: "other" })).name).toBe("second");
  });
});

describe("a module that cannot be used", () => {
  test("that is missing is named", async () => {
    const path = join(folder, "missing.ts");

    await expect(loadJob(path)).rejects.toMatchObject({
      code: "ERR_JOB_FILE_MISSING",
      message: expect.stringContaining(path),
    });
  });

  test("that is a folder is named", async () => {
    await expect(loadJob(folder)).rejects.toMatchObject({ code: "ERR_JOB_FILE_MISSING" });
  });

  test.each([
    ["a syntax error", "const = 1;", /could not be loaded/],
    ["a missing import", 'import "./nowhere.ts";', /nowhere/],
    ["a throw", 'throw new TypeError("boom");', /TypeError: boom/],
    ["a throw of no error", "throw null;", /it threw null/],
  ])("with %s is refused, with the cause", async (what, text, message) => {
    const path = await module(`${what.replaceAll(" ", "-")}.ts`, text);

    await expect(loadJob(path)).rejects.toMatchObject({
      code: "ERR_JOB_LOAD",
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ["no export", "", /exports no job; it exports nothing/],
    [
      "exports that are no jobs",
      "export const port = 1, list = [], none = null;",
      /exports no job; it exports list \(array\), none \(null\), port \(number\)/,
    ],
    ["a default export that is no job", "export default function build() {}", /default export that is no job/],
    [
      "several jobs and no default export",
      'export const a = defineJob("x", () => {}); export const b = defineJob("y", () => {});',
      /several jobs.*a \(job "x"\), b \(job "y"\)/,
    ],
  ])("with %s is refused, with what it exports", async (what, text, message) => {
    const path = await module(`${what.replaceAll(" ", "-")}.ts`, text);

    await expect(loadJob(path)).rejects.toMatchObject({
      code: "ERR_JOB_NOT_FOUND",
      message: expect.stringMatching(message),
    });
  });

  test("without the job that was asked for is refused", async () => {
    const path = await module("named.ts", 'export default defineJob("first", () => {});');

    await expect(loadJob(path, { name: "second" })).rejects.toMatchObject({
      code: "ERR_JOB_NOT_FOUND",
      message: expect.stringContaining('exports no job "second"; it exports default (job "first")'),
    });
  });
});

async function module(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `import { defineJob } from ${definitions};\n${text}\n`);
  return path;
}
