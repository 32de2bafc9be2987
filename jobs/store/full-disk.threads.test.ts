/** A disk that is full for a while, by a limit on how long the files of a process may become. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { notedEpoch } from "./storage-lock.ts";

const clock = new SystemClock();
const main = fileURLToPath(new URL("./fixtures/resumed-main.ts", import.meta.url));
const hasLimits = spawnSync("prlimit", ["--version"]).status === 0;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-disk-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test.skipIf(!hasLimits)(
  "a job lives on while the disk is full, and checkpoints go on when there is space again",
  async () => {
    const params = JSON.stringify({ count: 4_000, rate: 2_000 });
    const child = spawn(process.execPath, [main, folder, "0", "exactly-once", "0", params], { stdio: "pipe" });
    const ended = once(child, "close");
    const text = { out: "", err: "" };
    const limitFiles = (bytes: number | "unlimited") =>
      spawnSync("prlimit", ["--pid", `${child.pid}`, `--fsize=${bytes}:unlimited`]);
    child.stdout.on("data", (chunk) => {
      text.out += chunk;
    });
    const refused = new Promise<void>((resolve) => {
      child.stderr.on("data", (chunk) => {
        text.err += chunk;
        if (text.err.includes("a checkpoint could not be written")) resolve();
      });
    });

    while (notedEpoch(folder, "resumed") === 0) await new Promise<void>((done) => clock.after(5, done));
    limitFiles(4_096);
    await Promise.race([refused, ended]);
    limitFiles("unlimited");
    await ended;

    expect(text.err).toMatch(/a checkpoint could not be written .*(disk|full|I\/O)/);
    expect(child.exitCode).toBe(0);
    expect(JSON.parse(text.out).counts).toEqual(Array.from({ length: 10 }, (_, key) => [key, 400]));
  },
);
