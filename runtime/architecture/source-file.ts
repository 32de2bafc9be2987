/**
 * SourceFile: what the architecture rules know of one file. Pure: text in, facts out; nothing here reads a disk.
 *
 * The text is scanned once, into code with comments and strings blanked out (line numbers stay). Import specifiers are
 * found in that blanked code and read back from the original text at the same offsets, so an import that stands in a
 * comment or a string is not one.
 *
 * Not here: the rules (rules.ts), resolving and reading files (read-sources.ts).
 */

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /**
   * `value`: loads the file. `type`: `import type` and `export type ... from`, gone when types are erased.
   * `url`: `new URL("./x.ts", import.meta.url)`, a file that another thread or process loads.
   */
  readonly kind: "value" | "type" | "url";
}

export interface SourceFile {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text with the content of comments, strings, templates and regular expressions replaced by spaces. */
  readonly code: string;
  /** The text of comments only, everything else replaced by spaces. */
  readonly comments: string;
  readonly imports: readonly Import[];
}

export function sourceFile(path: string, text: string): SourceFile {
  const { code, comments } = separate(text);
  return { path, text, code, comments, imports: importsOf(text, code) };
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index !== -1 && index < offset; index = text.indexOf("\n", index + 1)) {
    line += 1;
  }
  return line;
}

/** `from "x"` of imports and exports, `import "x"`, `import("x")`, `new URL("x"`. Quotes survive the blanking. */
const importPattern =
  /(?:\b(?:import|export)\b(?<clause>[^;"'`=()]*?)\bfrom\s*|\bimport\s*(?:\(\s*)?|(?<url>\bnew\s+URL\s*\(\s*))(?<quote>["'`])/g;

function importsOf(text: string, code: string): Import[] {
  const imports: Import[] = [];
  for (const match of code.matchAll(importPattern)) {
    const { clause, url, quote } = match.groups as { clause?: string; url?: string; quote: string };
    const start = match.index + match[0].length;
    const end = code.indexOf(quote, start);
    const isPropertyAccess = code[match.index - 1] === ".";
    const isForeignUrl =
      url !== undefined &&
      !(text.slice(start, end).endsWith(".ts") && /^.\s*,\s*import\.meta\.url\b/.test(code.slice(end)));
    if (end === -1 || isPropertyAccess || isForeignUrl) {
      continue;
    }
    const kind = url !== undefined ? "url" : isTypeOnly(clause ?? "") ? "type" : "value";
    imports.push({ specifier: text.slice(start, end), line: lineAt(text, match.index), kind });
  }
  return imports;
}

/** `import type { A }`. An `import { type A }` is none: what Node leaves of it, `import {}`, still loads the file. */
function isTypeOnly(clause: string): boolean {
  return /^\s*type(?:\s*[{*]|\s+[\w$])/.test(clause);
}

/** Splits a text into its code and its comments, both of the length of the text. */
function separate(text: string): { code: string; comments: string } {
  const code = text.split("");
  const comments = blank(text).split("");
  // Template literals nest: at `}` of a `${` the scanner falls back into the template it came from.
  const templateDepths: number[] = [];
  let braceDepth = 0;
  let index = 0;

  while (index < text.length) {
    const here = text[index] as string;
    const next = text[index + 1];
    if (here === "/" && next === "/") {
      comment(endOfLine(text, index));
    } else if (here === "/" && next === "*") {
      const end = text.indexOf("*/", index + 2);
      comment(end === -1 ? text.length : end + 2);
    } else if (here === '"' || here === "'") {
      literal(index + 1, endOfString(text, index));
    } else if (here === "`") {
      template(index + 1);
    } else if (here === "/" && startsRegExp(text, index)) {
      literal(index + 1, endOfRegExp(text, index));
    } else if (here === "{") {
      braceDepth += 1;
      index += 1;
    } else if (here === "}") {
      braceDepth -= 1;
      if (templateDepths.at(-1) === braceDepth) {
        templateDepths.pop();
        template(index + 1);
      } else {
        index += 1;
      }
    } else {
      index += 1;
    }
  }
  return { code: code.join(""), comments: comments.join("") };

  function comment(end: number): void {
    for (let at = index; at < end; at += 1) {
      comments[at] = text[at] as string;
    }
    erase(index, end);
    index = end;
  }

  /** Erases a literal whose closing delimiter stands at `end`. */
  function literal(start: number, end: number): void {
    erase(start, end);
    index = end + 1;
  }

  /** Erases template text from `start` up to its closing backtick or the next `${`, whose content is code again. */
  function template(start: number): void {
    let end = start;
    while (end < text.length && text[end] !== "`" && !(text[end] === "$" && text[end + 1] === "{")) {
      end += text[end] === "\\" ? 2 : 1;
    }
    erase(start, end);
    if (text[end] === "$") {
      templateDepths.push(braceDepth);
      braceDepth += 1;
      index = end + 2;
    } else {
      index = end + 1;
    }
  }

  function erase(start: number, end: number): void {
    for (let at = start; at < Math.min(end, text.length); at += 1) {
      if (text[at] !== "\n") {
        code[at] = " ";
      }
    }
  }
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end === -1 ? text.length : end;
}

function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text[end] !== text[start] && text[end] !== "\n") {
    end += text[end] === "\\" ? 2 : 1;
  }
  return end;
}

/** A slash divides after a value and starts a regular expression after an operator, a bracket or a keyword. */
function startsRegExp(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 200), index).trimEnd();
  return /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|throw|yield|await))$/.test(before);
}

function endOfRegExp(text: string, start: number): number {
  let end = start + 1;
  let inClass = false;
  while (end < text.length && text[end] !== "\n" && (inClass || text[end] !== "/")) {
    if (text[end] === "[") {
      inClass = true;
    } else if (text[end] === "]") {
      inClass = false;
    }
    end += text[end] === "\\" ? 2 : 1;
  }
  return end;
}
