/** A platform that creates no more threads: the limit on how many a user may have, set by a process for itself. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** One that the limit holds for: it holds for nobody who may do everything. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const doorUrl = new URL("../index.ts", import.meta.url);
const door = JSON.stringify(doorUrl.href);
const hasLimits = process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0 && userCanRead();

/** Whether that one can run Node, and read these files. */
function userCanRead(): boolean {
  const read = `require("node:fs").readFileSync(${JSON.stringify(fileURLToPath(doorUrl))})`;
  return spawnSync(process.execPath, ["-e", read], { ...user, cwd: "/" }).status === 0;
}

/** What the platform needs threads for itself has them before the limit is set: a read starts them. */
const script = `
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { ActorSystem } from ${door};
await readFile("/proc/self/status");
const limit = spawnSync("prlimit", ["--pid", String(process.pid), "--nproc=1:"]);
const seen = [];
const logger = { log: (level, message) => seen.push(message) };
const started = ActorSystem.start({ threads: 2, logger });
const error = await started.catch((error) => error);
console.log(JSON.stringify({ limit: limit.status, code: error.code, cause: error.cause?.code, attempts: seen.length }));
process.exit(0);
`;

test.skipIf(!hasLimits)("a thread that cannot be created is tried again, and then named", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { ...user, cwd: "/", stdio: "pipe" });
  const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);

  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(JSON.parse(out)).toEqual({
    ...{ limit: 0, code: "ERR_RT_THREAD_START", cause: "ERR_WORKER_INIT_FAILED", attempts: 5 },
  });
});
