/**
 * Runs the ledger in a process of its own, kills that three times with SIGKILL, stops it, and looks at the file:
 * `node examples/ledger/main.ts`.
 */

import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { supervise } from "../../jobs/index.ts";
import { givenArguments } from "../given-arguments.ts";
import ledger from "./ledger.job.ts";
import { missingAndTwice } from "./missing-and-twice.ts";

givenArguments(
  "node examples/ledger/main.ts: writes a file in a process that is killed three times, and looks at the file",
);

const killCount = 3;
const folder = await mkdtemp(join(tmpdir(), "millrace-ledger-"));
const path = join(folder, "ledger.txt");
const sizeOf = async () => (await stat(path).catch(() => undefined))?.size ?? 0;

const run = supervise(ledger, {
  params: { path, rate: 2_000 },
  storage: join(folder, "storage"),
  guarantee: "exactly-once",
  epochInterval: "50ms",
});

let killed: number | undefined;
for (let kill = 1; kill <= killCount; kill += 1) {
  const pid = await processThatHasWritten();
  console.log(`kill -9 ${pid}: the file holds ${(await readFile(path, "utf8")).split("\n").length - 1} lines`);
  process.kill(pid, "SIGKILL");
  killed = pid;
}
await processThatHasWritten();
await run.stop();

const text = await readFile(path, "utf8");
const { missing, twice } = missingAndTwice(text);
const pending = (await readdir(folder)).filter((name) => name.endsWith(".pending")).length;
console.log(
  `${text.split("\n").length - 1} lines, ${missing} transfers missing, ${twice} twice, ${pending} pending parts left`,
);
console.log(text.split("\n").at(-2));
await rm(folder, { recursive: true });

/** Resolves when a process that was not killed has written to the file. */
async function processThatHasWritten(): Promise<number> {
  while (run.pid === undefined || run.pid === killed) await sleep(10);
  const [pid, size] = [run.pid, await sizeOf()];
  while ((await sizeOf()) <= size) await sleep(10);
  return pid;
}
