/** Holds the sources of this repository to the rules. What each rule means and catches stands in rules.test.ts. */

import { globSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { importCycleViolations } from "./import-cycles.ts";
import {
  fileSizeViolations,
  importDirectionViolations,
  importedPath,
  seamViolations,
  uncheckedTypeViolations,
} from "./rules.ts";
import { sourceFile } from "./source-file.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = globSync("{runtime,actors,jobs,examples}/**/*.ts", { cwd: root })
  .map((path) => path.split(sep).join(posix.sep))
  .filter((path) => !path.includes("/node_modules/") && !path.endsWith(".d.ts"))
  .sort()
  .map((path) => sourceFile(path, readFileSync(posix.join(root, path), "utf8")));

test("rooms import downwards only, through the door of the lower room", () => {
  expect(files.flatMap(importDirectionViolations)).toEqual([]);
});

test("there are no import cycles", () => {
  expect(importCycleViolations(files)).toEqual([]);
});

test("time, randomness and threads are touched in the seams only", () => {
  expect(files.flatMap(seamViolations)).toEqual([]);
});

test("no source file holds more than one idea", () => {
  expect(files.flatMap(fileSizeViolations)).toEqual([]);
});

test("no type is unchecked", () => {
  expect(files.flatMap(uncheckedTypeViolations)).toEqual([]);
});

test("the rules see the sources and where their imports lead", () => {
  const known = new Set(files.map((file) => file.path));
  const targets = files.flatMap((file) => file.imports.flatMap((found) => importedPath(file, found) ?? []));

  expect(targets.filter((path) => known.has(path)).length).toBeGreaterThan(files.length / 2);
});
