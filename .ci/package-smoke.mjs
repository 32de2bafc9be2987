/**
 * Installs the packed package into a project of its own, as a user does, and uses it there: every entry point is
 * imported, a job of plain JavaScript and an actor of TypeScript run on threads, and the command explains and runs the job.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

process.chdir(new URL("..", import.meta.url).pathname);
const { name, version, exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));

const project = mkdtempSync(join(tmpdir(), `${name}-package-`));
try {
  installInto(project);
  checkEntryPoints(project);
  checkJob(project);
  checkActor(project);
  checkTestKit(project);
  checkTypes(project);
} finally {
  rmSync(project, { recursive: true, force: true });
}

function installInto(project) {
  const packed = JSON.parse(run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", project], "."));
  const tarball = join(project, packed[0].filename);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "smoke", private: true, type: "module" }));
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", tarball], project);
  const own = packed[0].files.filter(({ path }) => /\.test(-d)?\.|(^|\/)fixtures\//.test(path));
  if (own.length > 0) {
    throw new Error(`the package holds what only tests use: ${own.map(({ path }) => path).join(", ")}`);
  }
  console.log(`${packed[0].filename}: ${packed[0].entryCount} files, ${Math.round(packed[0].unpackedSize / 1024)} KB`);
}

function checkEntryPoints(project) {
  // Matchers are imported where vitest runs, and nowhere else.
  const imported = Object.keys(exports).filter((path) => !path.endsWith(".json") && path !== "./testing/vitest");
  for (const path of imported) {
    const specifier = name + path.slice(1);
    const script = `console.log(Object.keys(await import(${JSON.stringify(specifier)})).length)`;
    const exportCount = Number(run(process.execPath, ["--input-type=module", "--eval", script], project));
    if (!(exportCount > 0)) {
      throw new Error(`${specifier} exports no value`);
    }
    console.log(`${specifier} exports ${exportCount} values`);
  }
}

function checkJob(project) {
  writeFileSync(
    join(project, "job.mjs"),
    `import { defineJob, generate, stdout } from "${name}";
     export default defineJob("digits", import.meta.url, (job) => {
       job
         .source("numbers", generate({ count: 1_000, from: (index) => index }))
         .keyBy((number) => number % 2)
         .count("per-remainder", { emit: "end" })
         .sink("report", stdout());
     });`,
  );
  writeFileSync(
    join(project, "main.mjs"),
    `import { ActorSystem } from "${name}";
     import digits from "./job.mjs";
     await using system = await ActorSystem.start({ threads: 2 });
     await (await system.submit(digits)).completed;`,
  );
  const command = join(project, "node_modules", name, bin[name]);
  const counts = '{"key":0,"count":500}\n{"key":1,"count":500}\n';
  check("a job on two threads", run(process.execPath, ["main.mjs"], project), counts);
  check(`${name} run`, run(process.execPath, [command, "run", "job.mjs"], project), counts);
  check(`${name} graph`, run(process.execPath, [command, "graph", "job.mjs"], project), "per-remainder");
  check(`${name} --version`, run(process.execPath, [command, "--version"], project), version);
}

/** A thread loads a module of the user and the runtime: it takes an actor for one, and an error for one of millrace, only if both have the same classes. */
function checkActor(project) {
  writeFileSync(
    join(project, "doubler.ts"),
    `import { defineActor, durationMs, MillraceError } from "${name}/runtime";
     export const doubler = defineActor("doubler", import.meta.url, () => (value: number) => {
       try {
         durationMs("value", "soon");
         return [];
       } catch (error) {
         return [value * 2, error instanceof MillraceError];
       }
     });`,
  );
  writeFileSync(
    join(project, "ask.ts"),
    `import { ActorSystem } from "${name}";
     import { doubler } from "./doubler.ts";
     await using system = await ActorSystem.start({ threads: 1 });
     console.log(await system.spawn(doubler, "doubler", { host: 1 }).ask(21, { timeout: "10s" }));`,
  );
  check("an actor of TypeScript on a thread", run(process.execPath, ["ask.ts"], project), "[ 42, true ]");
  const script = `import { ActorSystem } from "${name}"; await ActorSystem.start({ threads: -1 }).catch(({ stack }) => console.log(stack))`;
  const stack = run(process.execPath, ["--enable-source-maps", "--input-type=module", "--eval", script], project);
  check("a stack with source maps", stack, join("runtime", "errors", "option-error.ts"));
}

/** The test kit under the runner of Node: vitest is not installed here. */
function checkTestKit(project) {
  writeFileSync(
    join(project, "digits.test.mjs"),
    `import assert from "node:assert/strict";
     import { test } from "node:test";
     import { checkOperators, crash, simulate, startSimulation } from "${name}/testing";
     import digits from "./job.mjs";

     test("each operator keeps what it keeps in its state", async () => {
       assert.deepEqual(await checkOperators(digits), []);
     });

     test("counts survive the end of a thread", async () => {
       const faults = [crash("per-remainder").after(100)];
       const result = await simulate(digits, { seed: 1, faults, collect: ["report"] });
       assert.deepEqual([result.status, result.struck.length], ["completed", 1]);
       assert.deepEqual(result.collected("report"), [{ key: 0, count: 500 }, { key: 1, count: 500 }]);
     });

     test("a count is told at the end", async () => {
       await using simulation = await startSimulation(digits);
       simulation.source("numbers").pushAll([1, 2, 3]);
       await simulation.sink("report").expectNoEvent("1s");
       const result = await simulation.end();
       assert.deepEqual(result.collected("report").map(({ count }) => count).toSorted(), [1, 2]);
     });`,
  );
  check("the test kit under node:test", run(process.execPath, ["--test", "digits.test.mjs"], project), "pass 3");
}

/** Declarations are checked as well, as they are where a project does not say `skipLibCheck`. */
function checkTypes(project) {
  const types = ["", "/runtime", "/testing"].map((path, index) => `export * as types${index} from "${name}${path}";`);
  writeFileSync(join(project, "types.ts"), types.join("\n"));
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(process.cwd(), "node_modules", "@types")],
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["types.ts"] }));
  check("the types", run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", project], "."), "");
}

function check(what, printed, expected) {
  if (!printed.includes(expected)) {
    throw new Error(`${what} printed ${JSON.stringify(printed)} instead of ${JSON.stringify(expected)}`);
  }
  console.log(`${what}: as expected`);
}

/** Its standard output. Throws when it fails. */
function run(command, commandArguments, cwd) {
  return execFileSync(command, commandArguments, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
