/**
 * NEXMark: `npm run nexmark -- --help`. Exit code: 0 all rows are right, 1 some are not or a job failed, 2 the arguments are wrong.
 */

import { writeFile } from "node:fs/promises";
import { type Column, formatTable } from "../bench/text-table.ts";
import { benchQueries } from "./bench/bench-queries.ts";
import { benchTable } from "./bench/bench-table.ts";
import { CheckedRuns } from "./checked-runs.ts";
import { expectedRows, expectedStream } from "./expected.ts";
import { streamChecksum, streamChecksums } from "./generator/stream-checksums.ts";
import { type NexmarkOptions, parseArguments } from "./options.ts";
import { preparedEvents } from "./prepared-events.ts";
import type { Query } from "./queries/query.ts";
import { digestOf, type RowDigest } from "./row-digest.ts";

const columns: readonly Column[] = [
  { heading: "query", align: "left" },
  { heading: "rows", align: "right" },
  { heading: "found", align: "left" },
  { heading: "digest", align: "left" },
  { heading: "seconds", align: "right" },
  { heading: "faults", align: "right" },
];

const parsed = parseArguments(process.argv.slice(2));
switch (parsed.kind) {
  case "help":
    process.stdout.write(parsed.text);
    break;
  case "invalid":
    console.error(
      `error ${parsed.error.code}: ${parsed.error.message}\nnpm run nexmark -- --help says what is possible`,
    );
    process.exitCode = 2;
    break;
  case "run":
    await main(parsed.options).catch((error: Error & { code?: string }) => {
      console.error(`error ${error.code ?? error.name}: ${error.message}`);
      process.exitCode = 1;
    });
}

async function main(options: NexmarkOptions): Promise<void> {
  if (options.kind === "generator") return checkGenerator();
  if (options.kind === "check") return check(options);
  const bench = await benchQueries(options, ({ name }) => process.stderr.write(`measuring ${name}\n`));
  if (options.jsonPath !== undefined) await writeFile(options.jsonPath, `${JSON.stringify(bench, null, 2)}\n`);
  console.log(benchTable(bench));
}

function checkGenerator(): void {
  for (const one of streamChecksums) {
    const startMs = performance.now();
    const isRight = streamChecksum(one) === one.sha256;
    const perSecond = Math.round((one.events / (performance.now() - startMs)) * 1_000);
    console.log(`${isRight ? "ok   " : "WRONG"}  ${one.name}, ${perSecond.toLocaleString("en")} a second`);
    if (!isRight) process.exitCode = 1;
  }
}

async function check(options: NexmarkOptions): Promise<void> {
  const { queries, stream, threads, guarantee } = options;
  const order =
    stream.outOfOrderGroupSize === 1 ? "in order" : `shuffled within groups of ${stream.outOfOrderGroupSize}`;
  const where = threads === 0 ? "the calling thread" : `${threads} worker threads`;
  console.log(`${stream.events.toLocaleString("en")} events, ${order}, ${where}, ${guarantee}`);
  await using runs = await CheckedRuns.start(options);
  const rows: string[][] = [];
  let wrongCount = 0;
  for (const query of queries) {
    const expected = expectedOf(query, options);
    const { digest, seconds, struck } = await runs.run(query);
    const isRight = digest.sha256 === expected.sha256;
    if (!isRight) wrongCount += 1;
    const found = isRight ? "as expected" : `WRONG, expected ${expected.rowCount}`;
    const count = digest.rowCount.toLocaleString("en");
    rows.push([query.name, count, found, digest.sha256.slice(0, 12), seconds.toFixed(2), String(struck)]);
  }
  console.log(formatTable(columns, rows));
  console.log(`${queries.length - wrongCount} of ${queries.length} queries gave the rows that were expected`);
  if (wrongCount > 0) process.exitCode = 1;
}

/** Those that others have found, where the stream is theirs; otherwise those of the loop. */
function expectedOf(query: Query, { stream }: NexmarkOptions): RowDigest {
  const known = expectedRows[query.name];
  if (known !== undefined && stream.events === expectedStream.events && stream.rate === expectedStream.rate)
    return known;
  // Events of one time stay in the order in which they come.
  const events = preparedEvents(stream).toSorted((left, right) => left.dateTime - right.dateTime);
  return digestOf(query.loop(events), query.columns);
}
