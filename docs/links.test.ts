/** Links between the documents of this repository lead somewhere. */

import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { Page, pages, root } from "./testing/page.ts";

const linked = pages("*.md", "docs/**/*.md", "examples/**/*.md").flatMap((page) =>
  page.links.map((link) => ({ page, link })),
);

test("links lead to files and headings that exist", () => {
  const broken = linked
    .filter(({ page, link }) => !leadsSomewhere(page, link))
    .map(({ page, link }) => [page.path, link]);

  expect(broken).toEqual([]);
  expect(linked.length).toBeGreaterThan(10);
});

function leadsSomewhere(page: Page, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const path = file === "" ? page.path : posix.join(posix.dirname(page.path), file);
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || new Page(path).anchors.includes(anchor);
}
