/** architecture.md has every folder of the sources on its map. */

import { globSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { Page, root } from "./testing/page.ts";

test("every folder of the sources stands in the map of architecture.md, and no other", () => {
  const mapped = new Page("docs/architecture.md").tableRows
    .flatMap(([folders = ""]) => folders.split(", "))
    .map((folder) => folder.replaceAll("`", ""))
    .filter((folder) => folder.includes("/"));

  const folders = globSync("{runtime,actors,jobs}/*/**/*.ts", { cwd: root })
    .map((path) => dirname(path).replaceAll("\\", "/"))
    .filter((folder) => !/\/(fixtures|testing)$/.test(folder));

  expect(mapped.toSorted()).toEqual([...new Set(folders)].toSorted());
});
