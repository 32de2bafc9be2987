/**
 * Holds the code in the README and in docs/ to what it says: `ts` blocks compile, and the commands of `console` blocks print
 * what stands below them. There, `…` stands for what differs from run to run, and lines may come in any order.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Page, pages, root } from "./testing/page.ts";
import { PageWorkspace } from "./testing/page-workspace.ts";

const documents = pages("README.md", "docs/*.md");
const workspace = new PageWorkspace(documents, packageExports());
afterAll(() => workspace[Symbol.dispose]());

test("the TypeScript in the documents compiles", () => {
  expect(workspace.compile()).toEqual({ exitCode: 0, output: "" });
});

describe.each(documents.filter((page) => commandsOf(page).length > 0))("$path", (page) => {
  test.each(commandsOf(page))("prints what it says: $command", ({ command, expected }) => {
    const { output } = workspace.shell(page, command);

    expect(unlike(lines(output), lines(expected))).toEqual({ missing: [], unexpected: [] });
  });
});

interface Command {
  readonly command: string;
  readonly expected: string;
}

function commandsOf(page: Page): Command[] {
  return page.codeBlocks
    .filter(({ language }) => language === "console")
    .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
    .map((part) => {
      const end = part.indexOf("\n");
      return { command: part.slice(0, end), expected: part.slice(end + 1) };
    });
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function unlike(printed: readonly string[], expected: readonly string[]) {
  const unexpected = [...printed];
  const missing = expected.filter((line) => {
    const pattern = new RegExp(`^${line.split("…").map(literally).join(".*")}$`);
    const found = unexpected.findIndex((other) => pattern.test(other));
    if (found >= 0) unexpected.splice(found, 1);
    return found < 0;
  });
  return { missing, unexpected };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** What the door of the package exports, as an import names it: `defineJob`, `type Job`. */
function packageExports(): string[] {
  const door = readFileSync(join(root, "jobs", "index.ts"), "utf8");
  return [...door.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = "", names = ""]) =>
    names.split(",").flatMap((name) => (name.trim() === "" ? [] : [`${type}${name.trim()}`])),
  );
}
