/**
 * Runs the ledger in a process of its own, kills that three times with SIGKILL, and looks at the file:
 * `node examples/ledger/main.ts`.
 */

import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { supervise } from "../../jobs/index.ts";
import ledger from "./ledger.job.ts";
import { missingAndTwice } from "./missing-and-twice.ts";

const count = 3_000;
const killCount = 3;
const folder = await mkdtemp(join(tmpdir(), "millrace-ledger-"));
const path = join(folder, "ledger.txt");
const sizeOf = async () => (await stat(path).catch(() => undefined))?.size ?? 0;

const run = supervise(ledger, {
  params: { path, count, rate: 2_000 },
  storage: join(folder, "storage"),
  guarantee: "exactly-once",
  epochInterval: "50ms",
});

let lastSize = 0;
for (let kill = 1; kill <= killCount; kill += 1) {
  while ((await sizeOf()) <= lastSize) await sleep(10);
  lastSize = await sizeOf();
  console.log(`kill -9 ${run.pid}: the file holds ${(await readFile(path, "utf8")).split("\n").length - 1} lines`);
  process.kill(run.pid ?? 0, "SIGKILL");
}
await run.completed;

const text = await readFile(path, "utf8");
const { missing, twice } = missingAndTwice(text, count);
const pending = (await readdir(folder)).filter((name) => name.endsWith(".pending")).length;
console.log(
  `${text.split("\n").length - 1} lines, ${missing} transfers missing, ${twice} twice, ${pending} pending parts left`,
);
console.log(text.split("\n").at(-2));
await rm(folder, { recursive: true });
