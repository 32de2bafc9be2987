#!/usr/bin/env node
/**
 * Launch: runs a script of this repository on a fitting Node with the dependencies of the lock file in place.
 *
 *   node launch.mjs <script file> [arguments...]
 *
 * Every npm script starts here, so that one command works on a fresh clone: a Node older than the code needs (it runs
 * this file only) installs what is missing, a newer Node among it, and hands over. Plain JavaScript for Node >= 18.
 *
 * Invariants
 *  L1  an installation that matches the lock file is never touched.
 *  L2  one installation runs at a time, whoever else starts meanwhile waits for it.
 *  L3  the exit code or signal of the script is the exit code or signal of this process.
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const nodeMajorMin = 24;
const lockTouchMs = 1_000;
const lockStaleMs = 20_000;
const lockPollMs = 250;
const parentPollMs = 250;

const root = dirname(fileURLToPath(import.meta.url));
const lockPath = join(root, ".install-lock");

const [script, ...scriptArguments] = process.argv.slice(2);
if (script === undefined) {
  fail("usage: node launch.mjs <script file> [arguments...]", 2);
}

if (installProblem() !== undefined) {
  await installOnce();
}
const node = fittingNode();
if (node === undefined) {
  fail(
    `Node ${nodeMajorMin} or newer is needed, this is ${process.version}, and node_modules holds none. ` +
      "Were install scripts switched off (ignore-scripts)? Run: npm rebuild node --ignore-scripts=false",
    1,
  );
}
const scriptPath = resolve(root, script);
if (!existsSync(scriptPath)) {
  fail(`there is no ${script}`, 2);
}
await run(node, [scriptPath, ...scriptArguments]);

/** Why node_modules cannot be used as it is, or undefined. Both files list every package with version and checksum. */
function installProblem() {
  const wanted = readPackages("package-lock.json");
  const installed = readPackages(join("node_modules", ".package-lock.json"));
  if (wanted === undefined || installed === undefined) {
    return "node_modules is missing or incomplete";
  }
  for (const [path, entry] of Object.entries(wanted)) {
    const present = installed[path];
    if (path === "" || (present === undefined && (entry.optional || entry.peer))) {
      continue; // the project itself; a binary for another platform
    }
    if (present?.version !== entry.version || present?.integrity !== entry.integrity) {
      return `${path} is not as package-lock.json says`;
    }
  }
  return undefined;
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  } catch {
    return undefined;
  }
}

async function installOnce() {
  for (let isFirst = true; !takeLock(); isFirst = false) {
    if (isFirst) {
      process.stderr.write("millrace: waiting for the installation that another process has started\n");
    }
    await new Promise((resolve) => setTimeout(resolve, lockPollMs));
  }
  const touching = setInterval(touchLock, lockTouchMs);
  const releaseLock = () => rmSync(lockPath, { force: true });
  process.once("exit", releaseLock);
  const problem = installProblem(); // another process may have installed while this one waited
  if (problem !== undefined) {
    process.stderr.write(`millrace: ${problem}; installing dependencies (npm ci), this takes a minute\n`);
    await install();
  }
  clearInterval(touching);
  process.off("exit", releaseLock);
  releaseLock();
}

function takeLock() {
  try {
    writeFileSync(lockPath, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") {
      throw error;
    }
  }
  const touched = statSync(lockPath, { throwIfNoEntry: false })?.mtimeMs;
  if (touched !== undefined && Date.now() - touched > lockStaleMs) {
    rmSync(lockPath, { force: true }); // its owner was killed: a living one touches it every second
  }
  return false;
}

function touchLock() {
  try {
    utimesSync(lockPath, new Date(), new Date());
  } catch {
    // The lock only keeps others from starting; the installation itself goes on without it.
  }
}

async function install() {
  // npm is taken from outside node_modules, because the installation deletes the Node that may stand there. Production
  // settings of the environment are overruled: the tools and the newer Node are development dependencies.
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes(`node_modules${sep}.bin`));
  const npm = ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev", "--include=optional"];
  const child = spawn("npm", npm, {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    // A script's standard output is its own: what npm reports goes to standard error.
    stdio: ["ignore", process.stderr, process.stderr],
    shell: process.platform === "win32",
  });
  const { code, signal, error } = await ended(child);
  if (signal !== null) {
    fail(`the installation was ended by ${signal}`, 128 + constants.signals[signal]);
  }
  if (code !== 0) {
    const reason =
      error === undefined ? `npm ci ended with exit code ${code}` : `npm could not be started: ${error.message}`;
    fail(`the dependencies could not be installed, ${reason}; the reason stands above`, code || 1);
  }
  const problem = installProblem();
  if (problem !== undefined) {
    fail(`npm ci ended without an error, but ${problem}`, 1);
  }
}

function fittingNode() {
  if (Number.parseInt(process.versions.node, 10) >= nodeMajorMin) {
    return process.execPath;
  }
  return ["node", "node.exe"]
    .map((name) => join(root, "node_modules", "node", "bin", name))
    .find((path) => existsSync(path));
}

async function run(node, nodeArguments) {
  const child = spawn(node, nodeArguments, {
    env: {
      // Threads and processes load sources whose types are erased already: a second start takes a quarter of the time.
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compile"),
      ...process.env,
      ...packed(),
      // Scripts that start `node` by name get the same one.
      PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
    },
    stdio: "inherit",
  });
  endWithParent(child);
  const { code, signal, error } = await ended(child);
  if (error !== undefined) {
    fail(`${node} could not be started: ${error.message}`, 1);
  }
  if (signal !== null) {
    process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // the signal arrives in this time
  }
  process.exit(code ?? 1);
}

/** What runs millrace loads it packed, and so does all that is started from there. */
function packed() {
  if (!script.startsWith("examples/") && !script.startsWith("jobs/")) return {};
  const loader = pathToFileURL(join(root, ".packing", "load-packed.mjs"));
  // A pack that is inherited may be of other sources.
  return { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=${loader}`, MILLRACE_PACK: undefined };
}

/** npm ends on SIGTERM by ending only the shell between itself and this process, which then stands alone. */
function endWithParent(child) {
  const parent = process.ppid;
  const isBelowNpm = process.env.npm_lifecycle_event !== undefined && process.platform !== "win32";
  const polling = setInterval(() => {
    if (isBelowNpm && process.ppid !== parent) {
      clearInterval(polling);
      child.kill("SIGTERM");
    }
  }, parentPollMs);
  polling.unref();
}

/** Waits for a child's end and passes signals on to it meanwhile. */
function ended(child) {
  // Ctrl-C at a terminal reaches every process of the group; passed on as well, the child would see it twice.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const listeners = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
    const listener = () => (signal === "SIGINT" && hasTerminal ? undefined : child.kill(signal));
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return new Promise((resolve) => {
    const end = (result) => {
      for (const removeListener of listeners) {
        removeListener();
      }
      resolve(result);
    };
    child.once("error", (error) => end({ code: null, signal: null, error }));
    child.once("exit", (code, signal) => end({ code, signal, error: undefined }));
  });
}

function fail(message, exitCode) {
  process.stderr.write(`millrace: ${message}\n`);
  process.exit(exitCode);
}
