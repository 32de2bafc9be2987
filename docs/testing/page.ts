/** Page: a Markdown file of this repository, as far as tests look into it: its code, tables, links and headings. */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Where it begins in the page, from 1. */
  readonly line: number;
}

export class Page {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(join(root, path), "utf8");
  }

  get codeBlocks(): CodeBlock[] {
    return [...this.text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
      language: match[1] ?? "",
      text: match[2] ?? "",
      line: this.text.slice(0, match.index).split("\n").length + 1,
    }));
  }

  /** The cells of every row of every table, headings aside. */
  get tableRows(): string[][] {
    return this.#prose
      .split("\n")
      .filter((line, index, lines) => line.startsWith("| ") && !lines[index + 1]?.startsWith("|--"))
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
  }

  /** What its links point to, addresses of other sites aside. */
  get links(): string[] {
    return [...this.#prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? "")
      .filter((target) => !/^[a-z]+:/.test(target));
  }

  /** The names by which a link reaches its headings. */
  get anchors(): string[] {
    return [...this.#prose.matchAll(/^#+ (.+)$/gm)].map((match) =>
      (match[1] ?? "")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
  }

  /** What is said in comments that begin with `name:`; readers do not see them. */
  notes(name: string): string[] {
    return [...this.text.matchAll(/^<!-- (\w+): (.*?) -->$/gms)]
      .filter((match) => match[1] === name)
      .map((match) => match[2] ?? "");
  }

  get #prose(): string {
    return this.text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll("](", "] ("));
  }
}

/** The pages that match a glob, in the order of their paths. */
export function pages(...globs: string[]): Page[] {
  return globSync(globs, { cwd: root, exclude: ["node_modules/**", "dist/**"] })
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .map((path) => new Page(path));
}
