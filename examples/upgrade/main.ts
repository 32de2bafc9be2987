/**
 * Runs version 1 of the shop, keeps a savepoint, stops it, and goes on with version 2: `node examples/upgrade/main.ts`.
 */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ActorSystem } from "../../jobs/index.ts";
import { givenArguments } from "../given-arguments.ts";
import { orderOf } from "./order.ts";
import first from "./shop-1.job.ts";
import second, { type Total } from "./shop-2.job.ts";

givenArguments("node examples/upgrade/main.ts: runs version 1 of a shop, stops it, and goes on with version 2");

const folder = await mkdtemp(join(tmpdir(), "millrace-upgrade-"));
const options = {
  storage: join(folder, "storage"),
  guarantee: "exactly-once",
  epochInterval: "50ms",
} as const;
const logger = { log: (_level: string, message: string) => console.log(message.replaceAll(folder, "...")) };
const system = await ActorSystem.start({ threads: 2, logger });

const old = await system.submit(first, { ...options, params: { folder } });
await old.started;
while (((await old.report()).operators[0]?.total.out ?? 0) < 3_000) await sleep(10);
console.log(`version 1: savepoint ${relative(folder, await old.savepoint("before-2"))}`);
const before = await old.stop();
const readBefore = before.operators[0]?.total.out ?? 0;
console.log(`version 1: ${before.status}; it has read ${readBefore} orders\n`);

const orderCount = readBefore + 4_000;
const run = await system.submit(second, { ...options, params: { folder, orderCount } });
const report = await run.completed;
const read = report.operators[0]?.total.out ?? 0;
console.log(
  `\nversion 2: ${report.status}; it has read ${read} of ${orderCount} orders, those before came with the checkpoint`,
);

const expected = new Map<string, number>();
for (let number = 0; number < orderCount; number += 1) {
  const { customer, euros } = orderOf(number);
  expected.set(customer, (expected.get(customer) ?? 0) + euros * 100);
}
let wrong = 0;
for (const { key, value } of run.collected<{ readonly key: string; readonly value: Total }>("totals")) {
  console.log(`  ${key.padEnd(8)} ${(value.cents / 100).toFixed(2)} euros, ${value.orders} orders since version 2`);
  if (expected.get(key) !== value.cents) wrong += 1;
}
const files = (await readdir(folder)).filter((name) => name.startsWith("journal-")).sort();
const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
const lines = texts.flatMap((text) => text.trimEnd().split("\n"));
console.log(`${expected.size} customers, ${wrong} totals wrong`);
const different = new Set(lines).size;
console.log(`${orderCount} orders, ${lines.length} lines in ${files.join(", ")}, ${different} of them different`);

await system.stop();
await rm(folder, { recursive: true });
