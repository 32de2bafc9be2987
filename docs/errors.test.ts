/** errors.md lists every error of the sources, once, by the code and the class that they have there. */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Page, pages, root } from "./testing/page.ts";

const documented = new Page("docs/errors.md").tableRows.map(
  ([code = "", className = ""]) => `${unquoted(code)} ${unquoted(className)}`,
);

test("every error stands in errors.md once, with its class, and nothing else does", () => {
  const found = definedErrors();

  expect(documented.toSorted()).toEqual(found.toSorted());
  expect(found.length).toBeGreaterThan(50);
});

test("codes are in the order of the alphabet within each table", () => {
  const codes = documented.map((row) => row.split(" ")[0] ?? "");
  const rooms = ["ERR_JOB_", "ERR_ACT_", "ERR_RT_"];

  expect(codes).toEqual(rooms.flatMap((room) => codes.filter((code) => code.startsWith(room)).toSorted()));
});

test("the documents name no error that does not exist", () => {
  const known = new Set(definedErrors().map((error) => error.split(" ")[0]));

  const named = pages("*.md", "docs/*.md", "examples/**/*.md").flatMap(({ path, text }) =>
    (text.match(/\bERR_(?:JOB|ACT|RT)_[A-Z_]*[A-Z]/g) ?? []).map((code) => ({ path, code })),
  );

  expect(named.filter(({ code }) => !known.has(code))).toEqual([]);
});

function definedErrors(): string[] {
  return globSync("{runtime,actors,jobs}/**/*.ts", { cwd: root })
    .filter((path) => !/\.test(-d)?\.ts$|fixtures/.test(path))
    .flatMap((path) => [
      ...readFileSync(join(root, path), "utf8").matchAll(
        /^(?:export )?class (\w+) extends [^}]*?readonly code = "(\w+)"/gm,
      ),
    ])
    .map((match) => `${match[2]} ${match[1]}`);
}

function unquoted(cell: string): string {
  return cell.replaceAll("`", "");
}
