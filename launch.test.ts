/** Runs launch.mjs as a user would, in a folder with a lock file of its own and an `npm` that only pretends. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const lock = JSON.stringify({ packages: { "": {}, "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } } });
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-launch-"));
  copyFileSync(fileURLToPath(new URL("launch.mjs", import.meta.url)), join(folder, "launch.mjs"));
  writeFileSync(join(folder, "package-lock.json"), lock);
  pretendNpm("mkdir -p node_modules; sleep 0.3; cp package-lock.json node_modules/.package-lock.json");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Each call of the pretended npm leaves a line in `npm-calls`. */
function pretendNpm(script: string): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin", "npm"), `#!/bin/sh\necho "$@" >> npm-calls\n${script}\n`);
  chmodSync(join(folder, "bin", "npm"), 0o755);
}

function npmCalls(): string[] {
  const path = join(folder, "npm-calls");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

function install(): void {
  mkdirSync(join(folder, "node_modules"));
  writeFileSync(join(folder, "node_modules", ".package-lock.json"), lock);
}

function start(script: string, ...scriptArguments: string[]) {
  writeFileSync(join(folder, "script.mjs"), script);
  const env = { ...process.env, PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}` };
  return spawn(process.execPath, ["launch.mjs", "script.mjs", ...scriptArguments], { cwd: folder, env });
}

async function launch(script: string, ...scriptArguments: string[]) {
  const child = start(script, ...scriptArguments);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    output.stdout += data;
  });
  child.stderr.on("data", (data) => {
    output.stderr += data;
  });
  const [code, signal] = await once(child, "close");
  return { code, signal, ...output };
}

test("passes the arguments on and hands the exit code back", async () => {
  install();

  const ended = await launch("console.log(JSON.stringify(process.argv.slice(2))); process.exit(7)", "--a", "b c");

  expect(ended).toMatchObject({ code: 7, stdout: '["--a","b c"]\n', stderr: "" });
});

test("loads millrace packed for what runs it, by a pack of these sources", async () => {
  install();
  for (const name of [".packing", "examples"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, ".packing", "load-packed.mjs"), "console.log(process.env.MILLRACE_PACK ?? 'packs')");
  writeFileSync(join(folder, "examples", "main.ts"), "console.log('ran')");
  const env = { ...process.env, NODE_OPTIONS: "", MILLRACE_PACK: "/another" };

  const [example, other] = ["examples/main.ts", "launch.mjs"].map((path) =>
    spawnSync(process.execPath, ["launch.mjs", path], { cwd: folder, env, encoding: "utf8" }),
  );

  expect(example?.stdout).toBe("packs\nran\n");
  expect(other?.stdout).toBe("");
});

test("leaves an installation alone that matches the lock file", async () => {
  install();

  await launch("");

  expect(npmCalls()).toEqual([]);
});

test("installs what is missing, says so in one line, and keeps standard output for the script", async () => {
  const ended = await launch("console.log('ran')");

  expect(ended).toMatchObject({ code: 0, stdout: "ran\n" });
  expect(ended.stderr).toMatch(/^millrace: node_modules is missing or incomplete; installing .*\n$/);
  expect(npmCalls()).toEqual([expect.stringMatching(/^ci .*--include=dev/)]);
});

test("installs again when the lock file has changed", async () => {
  install();
  writeFileSync(join(folder, "package-lock.json"), lock.replace("1.0.0", "1.0.1"));

  const ended = await launch("console.log('ran')");

  expect(ended).toMatchObject({ code: 0, stdout: "ran\n" });
  expect(ended.stderr).toContain("node_modules/a is not as package-lock.json says");
  expect(npmCalls()).toHaveLength(1);
});

test("installs once when started twice at the same time", async () => {
  const both = await Promise.all([launch("console.log('ran')"), launch("console.log('ran')")]);

  expect(both.map((ended) => ended.stdout)).toEqual(["ran\n", "ran\n"]);
  expect(npmCalls()).toHaveLength(1);
  expect(existsSync(join(folder, ".install-lock"))).toBe(false);
});

test("fails with npm's exit code and does not run the script when the installation fails", async () => {
  pretendNpm("echo 'npm error no network' >&2; exit 3");

  const ended = await launch("console.log('ran')");

  expect(ended).toMatchObject({ code: 3, stdout: "" });
  expect(ended.stderr).toContain("npm error no network");
  expect(ended.stderr).toContain("the dependencies could not be installed");
  expect(existsSync(join(folder, ".install-lock"))).toBe(false);
});

test.each(["SIGINT", "SIGTERM"] as const)("passes %s on to the script", async (signal) => {
  install();
  const child = start(
    `process.on("${signal}", () => process.exit(42)); setInterval(() => {}, 1000); console.log("up")`,
  );
  await once(child.stdout, "data");

  child.kill(signal);

  expect(await once(child, "close")).toEqual([42, null]);
});

test("ends the script when npm has ended the shell above it", async () => {
  install();
  writeFileSync(
    join(folder, "script.mjs"),
    'process.on("SIGTERM", () => { console.log("ended"); process.exit() }); setInterval(() => {}, 1000); console.log("up")',
  );
  const command = `"${process.execPath}" launch.mjs script.mjs; true`;
  const env = { ...process.env, npm_lifecycle_event: "start" };
  const shell = spawn("sh", ["-c", command], { cwd: folder, env });
  let printed = "";
  shell.stdout.on("data", (data) => {
    printed += data;
  });
  await once(shell.stdout, "data");

  shell.kill("SIGTERM");
  await once(shell, "close"); // the pipe closes when the script has ended

  expect(printed).toBe("up\nended\n");
});

test("ends by the signal that ended the script", async () => {
  install();

  const ended = await launch("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)");

  expect(ended).toMatchObject({ code: null, signal: "SIGTERM" });
});

test("says what is wrong when the script does not exist", async () => {
  install();

  const child = spawn(process.execPath, ["launch.mjs", "nothing.mjs"], { cwd: folder });

  expect(await once(child, "close")).toEqual([2, null]);
});

test("the lock file names the optional packages of every platform, or npm ci refuses it elsewhere", () => {
  const packages: Record<string, { optionalDependencies?: Record<string, string> }> = JSON.parse(
    readFileSync(new URL("package-lock.json", import.meta.url), "utf8"),
  ).packages;

  const named = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/"))));
  const missing = Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !named.has(`node_modules/${name}`));

  expect(missing).toEqual([]);
});
