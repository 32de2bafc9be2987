/** Bills two and a half days from a file, and the same as it happens, and compares the invoices: `node examples/billing/main.ts`. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ActorSystem, type JobRun } from "../../jobs/index.ts";
import { givenArguments } from "../given-arguments.ts";
import { live, nightly } from "./billing.job.ts";
import type { Invoice } from "./invoices.ts";
import { usageAt, usageCount } from "./usage.ts";

givenArguments(
  "node examples/billing/main.ts: bills two and a half days from a file, and the same as it happens, and compares the invoices",
);

/** What had happened when the live job was started. */
const knownCount = usageCount / 2;
/** How much of that is told live, too. */
const overlap = 500;
const berlin = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "Europe/Berlin" });

const folder = await mkdtemp(join(tmpdir(), "millrace-billing-"));
try {
  await using system = await ActorSystem.start({ threads: 2 });
  const whole = await writeUsage("whole.ndjson", usageCount);
  const known = await writeUsage("known.ndjson", knownCount);

  const ofNight = await invoicesOf(
    await system.submit(nightly, { params: { file: whole }, guarantee: "exactly-once" }),
  );
  const params = { file: known, from: knownCount - overlap, rate: 4_000 };
  const ofLive = await invoicesOf(await system.submit(live, { params, guarantee: "exactly-once" }));

  for (const [day, invoices] of Map.groupBy(ofNight, ({ window }) => window.start)) {
    const { end } = (invoices[0] as Invoice).window;
    const cents = invoices.reduce((sum, { value }) => sum + value.milliCents, 0) / 1_000;
    const text = `${invoices.length} invoices over ${(cents / 100).toFixed(2)} euros`;
    console.log(`${berlin.format(day)}, a day of ${(end - day) / 3_600_000} hours: ${text}`);
  }
  const isSame = JSON.stringify(ofNight) === JSON.stringify(ofLive);
  console.log(`${ofLive.length} invoices of the live job: ${isSame ? "the same" : "DIFFERENT"}`);
  if (!isSame) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

async function writeUsage(name: string, count: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, Array.from({ length: count }, (_, id) => `${JSON.stringify(usageAt(id))}\n`).join(""));
  return path;
}

/** In the order of their days and customers. */
async function invoicesOf(run: JobRun): Promise<readonly Invoice[]> {
  await run.completed;
  const invoices = run.collected<Invoice>("billed");
  return invoices.toSorted((one, other) => one.window.start - other.window.start || (one.key < other.key ? -1 : 1));
}
