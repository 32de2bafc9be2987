import { describe, expect, test } from "vitest";
import { importCycleViolations } from "./import-cycles.ts";
import {
  fileSizeViolations,
  importDirectionViolations,
  seamViolations,
  sourceLinesMax,
  uncheckedTypeViolations,
} from "./rules.ts";
import { sourceFile } from "./source-file.ts";

describe("import direction", () => {
  const violations = (path: string, specifier: string) =>
    importDirectionViolations(sourceFile(path, `import { a } from "${specifier}";`));

  test.each([
    ["jobs/plan/planner.ts", "../../actors/index.ts"],
    ["jobs/plan/planner.ts", "../../runtime/index.ts"],
    ["actors/outbox.ts", "../runtime/index.ts"],
    ["actors/outbox.ts", "./window/assigner.ts"],
    ["actors/outbox.test.ts", "./testing/script.ts"],
    ["actors/outbox.test.ts", "./fixtures/script.ts"],
    ["actors/testing/harness.ts", "./script.ts"],
    ["jobs/testing/index.ts", "../../actors/testing/index.ts"],
    ["examples/flights/main.ts", "../../jobs/index.ts"],
    ["examples/flights/main.ts", "../../jobs/testing/index.ts"],
    ["examples/flights/main.ts", "../../runtime/index.ts"],
    ["examples/flights/main.ts", "../shared/report.ts"],
    ["runtime/seams/clock.ts", "node:fs"],
    ["runtime/seams/clock.ts", "piscina"],
  ])("lets %s import %s", (path, specifier) => {
    expect(violations(path, specifier)).toEqual([]);
  });

  test.each([
    ["runtime/address.ts", "../actors/index.ts", "runtime/ may not import actors/"],
    ["actors/outbox.ts", "../jobs/index.ts", "actors/ may not import jobs/"],
    ["jobs/plan/planner.ts", "../../actors/outbox.ts", "only actors/index.ts"],
    ["jobs/plan/planner.test.ts", "../../actors/testing/script.ts", "only actors/index.ts"],
    ["jobs/job.ts", "../examples/flights/main.ts", "jobs/ may not import examples/"],
    ["examples/flights/main.ts", "../../actors/index.ts", "only jobs/index.ts"],
    ["examples/flights/main.ts", "../../jobs/plan/planner.ts", "only jobs/index.ts"],
    ["examples/flights/main.ts", "millrace", "the built package is not the source"],
    ["actors/outbox.ts", "./testing/script.ts", "only tests and test kits"],
    ["actors/outbox.ts", "./fixtures/script.ts", "only tests and test kits"],
    ["jobs/job.ts", "../actors/testing/index.ts", "only actors/index.ts"],
    ["jobs/testing/index.ts", "../../actors/testing/harness.ts", "only actors/index.ts, actors/testing/index.ts"],
    ["actors/outbox.ts", "../docs/script.ts", "actors/ may not import docs/"],
  ])("keeps %s from importing %s", (path, specifier, reason) => {
    expect(violations(path, specifier)).toEqual([expect.stringContaining(reason)]);
  });

  test("counts types, re-exports, dynamic imports and URLs like imports", () => {
    const text = [
      'import type { A } from "../jobs/a.ts";',
      'export * from "../jobs/b.ts";',
      'await import("../jobs/c.ts");',
      'new URL("../jobs/d.ts", import.meta.url);',
    ].join("\n");

    expect(importDirectionViolations(sourceFile("actors/a.ts", text))).toHaveLength(4);
  });
});

describe("import cycles", () => {
  const violations = (sources: Record<string, string>) =>
    importCycleViolations(Object.entries(sources).map(([path, text]) => sourceFile(path, text)));

  test("reports a cycle once, by its shortest way round", () => {
    const found = violations({
      "actors/a.ts": 'import "./b.ts";',
      "actors/b.ts": 'import "./c.ts"; import "./d.ts";',
      "actors/c.ts": 'import "./a.ts";',
      "actors/d.ts": 'import "./c.ts";',
      "actors/e.ts": 'import "./a.ts";',
    });

    expect(found).toEqual(["import cycle: actors/a.ts -> actors/b.ts -> actors/c.ts -> actors/a.ts"]);
  });

  test("reports a file that imports itself", () => {
    expect(violations({ "actors/a.ts": 'import "./a.ts";' })).toHaveLength(1);
  });

  test("allows a cycle of types inside a folder, but not between folders", () => {
    const types = (left: string, right: string) => ({
      [`actors/${left}.ts`]: `import type { R } from "../actors/${right}.ts";`,
      [`actors/${right}.ts`]: `import type { L } from "../actors/${left}.ts";`,
    });
    const between = {
      "actors/x/a.ts": 'import type { B } from "../y/b.ts";',
      "actors/y/b.ts": 'import { a } from "../x/a.ts";',
    };

    expect(violations(types("a", "b"))).toEqual([]);
    expect(violations(between)).toEqual([expect.stringContaining("cycle of types between folders")]);
  });

  test("does not take a file that another thread loads for a cycle", () => {
    const found = violations({
      "runtime/threads/pool.ts": 'new URL("./host-main.ts", import.meta.url);',
      "runtime/threads/host-main.ts": 'import { limit } from "./pool.ts";',
    });

    expect(found).toEqual([]);
  });

  test("allows a diamond", () => {
    const found = violations({
      "actors/a.ts": 'import "./b.ts"; import "./c.ts";',
      "actors/b.ts": 'import "./d.ts";',
      "actors/c.ts": 'import "./d.ts";',
      "actors/d.ts": "",
    });

    expect(found).toEqual([]);
  });
});

describe("seams", () => {
  test.each([
    "const at = Date.now();",
    "const at = new Date();",
    "const at = new Date;",
    "const at = Date();",
    "const at = performance.now();",
    "const at = process.hrtime.bigint();",
    "process.nextTick(run);",
    "setTimeout(run, 1);",
    "globalThis.setTimeout(run, 1);",
    "const later = setInterval;",
    "setImmediate(run);",
    "queueMicrotask(run);",
    "fetch(url, { signal: AbortSignal.timeout(1) });",
    "const dice = Math.random();",
    "const id = crypto.randomUUID();",
    'import { randomBytes } from "node:crypto";',
    "const thread = new Worker(file);",
    "const { port1 } = new MessageChannel();",
    'import { setTimeout as sleep } from "node:timers/promises";',
    'import { nanoid } from "nanoid";',
    'import { Piscina } from "piscina";',
  ])("catches outside the seams: %s", (text) => {
    expect(seamViolations(sourceFile("actors/outbox.ts", text))).not.toEqual([]);
    expect(seamViolations(sourceFile("actors/outbox.test.ts", text))).not.toEqual([]);
    expect(seamViolations(sourceFile("runtime/seams/clock.ts", text))).toEqual([]);
    expect(seamViolations(sourceFile("runtime/threads/worker.ts", text))).toEqual([]);
    expect(seamViolations(sourceFile("examples/bench/main.ts", text))).toEqual([]);
    expect(seamViolations(sourceFile("jobs/recovery.threads.test.ts", text))).toEqual([]);
  });

  test("lets only the processes of the runtime and tests start processes", () => {
    const violations = (path: string) => seamViolations(sourceFile(path, 'import { fork } from "node:child_process";'));

    expect(violations("jobs/cli/program.ts")).not.toEqual([]);
    expect(violations("runtime/processes/child-process.ts")).toEqual([]);
    expect(violations("jobs/cli/main.threads.test.ts")).toEqual([]);
    expect(violations("actors/sinks/stream-lines.test.ts")).toEqual([]);
    expect(violations("runtime/threads/fixtures/stand-in.ts")).toEqual([]);
  });

  test.each([
    "const at = clock.now();",
    "const at = new Date(0);",
    "const at = new Date(event.at).toISOString();",
    "clock.setTimeout(run, 1);",
    "clearTimeout(timer);",
    "type Timer = ReturnType<typeof clock.after>;",
    "// Date.now() is not allowed here",
    "const text = 'setTimeout'; const other = `Math.random() ${text}`;",
    "class WorkerGone {} ; new WorkerGone();",
    'import type { Piscina } from "piscina";',
  ])("lets pass: %s", (text) => {
    expect(seamViolations(sourceFile("actors/outbox.ts", text))).toEqual([]);
  });
});

describe("file size", () => {
  test("catches a source file above the limit, but no test file", () => {
    const text = "a();\n".repeat(sourceLinesMax + 1);

    expect(fileSizeViolations(sourceFile("actors/a.ts", text))).toHaveLength(1);
    expect(fileSizeViolations(sourceFile("actors/a.test.ts", text))).toEqual([]);
    expect(fileSizeViolations(sourceFile("actors/a.ts", "a();\n".repeat(sourceLinesMax)))).toEqual([]);
  });
});

describe("unchecked types", () => {
  test.each([
    "let a: any;",
    "let a: any[] = [];",
    "const a = b as any;",
    "type A = Record<string, any>;",
    "type A = string | any;",
    "function f<T extends any>() {}",
    "const f = (a: string): any => a;",
    "let a: readonly any[];",
    "let f: () => any;",
    "// @ts-ignore",
    "/* @ts-nocheck */",
  ])("catches: %s", (text) => {
    expect(uncheckedTypeViolations(sourceFile("actors/a.ts", text))).toHaveLength(1);
  });

  test.each([
    "Promise.any([a]);",
    "AbortSignal.any([a, b]);",
    "// any of them",
    "const text = ': any';",
    "const company = { anything: 1 };",
    "// @ts-expect-error a key that is not there",
    "const x = '@ts-ignore';",
  ])("lets pass: %s", (text) => {
    expect(uncheckedTypeViolations(sourceFile("actors/a.ts", text))).toEqual([]);
  });
});
