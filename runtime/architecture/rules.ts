/**
 * Rules: what the sources of this repository must keep to, beyond what the compiler and the linter check.
 * Each rule is a pure function, files in and violations out, so that every rule can be shown a bad example.
 *
 * Not here: reading text (source-file.ts), cycles (import-cycles.ts), collecting the files (architecture.test.ts).
 */

import { posix } from "node:path";
import { type Import, lineAt, type SourceFile } from "./source-file.ts";

export const sourceLinesMax = 400;

/** Lower rooms first. A room imports the rooms below it, through their doors; nobody imports the examples. */
const rooms = ["runtime", "actors", "jobs", "examples"];

/** The files of a room that rooms above it may import. */
const doors = {
  room: (room: string) => [`${room}/index.ts`],
  // Test kits stand on the test kits below them.
  testKit: (room: string) => [`${room}/index.ts`, `${room}/testing/index.ts`],
  // Examples are written like a user's code: what the package exports, and nothing else.
  examples: ["jobs/index.ts", "jobs/testing/index.ts", "runtime/index.ts"],
};

/**
 * Files that may touch time, randomness and threads directly: they bind the seams. `*.threads.test.ts` are tests that
 * run on real threads and real time on purpose.
 */
const seamFiles = [
  /^runtime\/seams\//,
  /^runtime\/threads\//,
  /^runtime\/host\//,
  /^examples\//,
  /\.threads\.test\.ts$/,
];

/** Packages that are time, randomness or threads under another name. */
const seamPackages = ["nanoid", "node:perf_hooks", "node:timers", "node:timers/promises", "piscina"];

/** Packages that start processes; tests and what only they use may. */
const processPackages = ["node:child_process", "node:cluster"];

const seamGlobals: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Date.now", /\bDate\s*\.\s*now\b/g],
  ["new Date()", /\bnew\s+Date\b\s*(?:\(\s*\)|(?!\s*[(\w]))/g],
  ["Date()", /(?<!\bnew\s+|[.\w$])Date\s*\(/g],
  ["performance", /(?<![.\w$])(?:globalThis\s*\.\s*)?performance\s*\.\s*(?:now|timeOrigin|mark|measure)\b/g],
  ["process.hrtime", /\bprocess\s*\.\s*hrtime\b/g],
  ["process.uptime", /\bprocess\s*\.\s*uptime\b/g],
  ["process.nextTick", /\bprocess\s*\.\s*nextTick\b/g],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map(
    (name) => [name, freeIdentifier(name)] as const,
  ),
  ["AbortSignal.timeout", /\bAbortSignal\s*\.\s*timeout\b/g],
  ["Math.random", /\bMath\s*\.\s*random\b/g],
  ["crypto randomness", /\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\b/g],
  ["new Worker", /\bnew\s+(?:\w+\s*\.\s*)?Worker\b/g],
  ["new MessageChannel", /\bnew\s+(?:\w+\s*\.\s*)?(?:MessageChannel|BroadcastChannel)\b/g],
];

export function importDirectionViolations(file: SourceFile): string[] {
  return file.imports.flatMap((found) => {
    const reason = forbiddenImport(file, found);
    return reason === undefined ? [] : [`${file.path}:${found.line} imports "${found.specifier}": ${reason}`];
  });
}

export function seamViolations(file: SourceFile): string[] {
  if (seamFiles.some((pattern) => pattern.test(file.path))) {
    return [];
  }
  const mayStartProcesses = isTest(file.path) || isForTests(file.path) || file.path.startsWith("runtime/processes/");
  const forbidden = mayStartProcesses ? seamPackages : [...seamPackages, ...processPackages];
  const packages = file.imports
    .filter((found) => found.kind !== "type" && forbidden.includes(found.specifier))
    .map((found) => `${file.path}:${found.line} imports "${found.specifier}" outside the seams`);
  const globals = seamGlobals.flatMap(([name, pattern]) =>
    linesOf(file.code, pattern).map((line) => `${file.path}:${line} uses ${name} outside the seams`),
  );
  return [...packages, ...globals];
}

export function fileSizeViolations(file: SourceFile): string[] {
  const lineCount = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
  return isTest(file.path) || lineCount <= sourceLinesMax
    ? []
    : [`${file.path} has ${lineCount} lines, at most ${sourceLinesMax} are allowed: it holds more than one idea`];
}

/** `any` where a type stands, and comments that switch the compiler off. A member named `any` is none of it. */
export function uncheckedTypeViolations(file: SourceFile): string[] {
  const anyType = /(?:[:<,|&(=[]|=>|\b(?:as|extends|readonly|satisfies|keyof|is))\s*(?<![.\w$])any\b(?!\s*[:(.?])/g;
  return [
    ...linesOf(file.code, anyType).map((line) => `${file.path}:${line} uses the type any: use unknown and narrow it`),
    ...linesOf(file.comments, /@ts-(?:ignore|nocheck)\b/g).map(
      (line) => `${file.path}:${line} switches the compiler off: use @ts-expect-error with a reason, in a test`,
    ),
  ];
}

/** The file a relative import points to, as a path from the root; undefined for packages. */
export function importedPath(file: SourceFile, found: Import): string | undefined {
  return found.specifier.startsWith(".") ? posix.join(posix.dirname(file.path), found.specifier) : undefined;
}

function forbiddenImport(file: SourceFile, found: Import): string | undefined {
  if (/^millrace(?:\/|$)/.test(found.specifier)) {
    return "the built package is not the source; import the .ts file";
  }
  const target = importedPath(file, found);
  if (target === undefined) {
    return undefined;
  }
  const [from, to] = [roomOf(file.path), roomOf(target)];
  if (from === to) {
    return isForTests(target) && !isForTests(file.path) && !isTest(file.path) && from !== "examples"
      ? "only tests and test kits use a testing or fixtures folder"
      : undefined;
  }
  if (rooms.indexOf(to) >= rooms.indexOf(from) || !rooms.includes(to)) {
    return `${from}/ may not import ${to}/`;
  }
  const allowed = allowedDoors(file.path, to);
  return allowed.includes(target) ? undefined : `${from}/ may import from below only ${allowed.join(", ")}`;
}

function allowedDoors(path: string, room: string): string[] {
  if (roomOf(path) === "examples") return doors.examples;
  return isTestKit(path) ? doors.testKit(room) : doors.room(room);
}

function roomOf(path: string): string {
  return path.split("/", 1)[0] as string;
}

function isTest(path: string): boolean {
  return /\.test(?:-d)?\.ts$/.test(path);
}

/** What the package holds for a user's tests, or what only tests of this repository use. */
function isForTests(path: string): boolean {
  return isTestKit(path) || /\/fixtures\//.test(path);
}

function isTestKit(path: string): boolean {
  return /^\w+\/testing\//.test(path);
}

/** A name that is not a member of something, unless of the global object. */
function freeIdentifier(name: string): RegExp {
  return new RegExp(`(?<!\\.\\s*|[\\w$])${name}\\b|\\b(?:globalThis|global)\\s*\\.\\s*${name}\\b`, "g");
}

function linesOf(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map((match) => lineAt(text, match.index));
}
