/** Rows that run out by event time, in jobs whose batches are cut in many ways: each key has the changes that its events alone decide. */

import { expect, test } from "vitest";
import { type Change, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import type { OperatorOptions } from "../operator-options.ts";
import { killProcess } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

interface Reading {
  readonly key: number;
  readonly id: number;
  readonly at: number;
  readonly isGone: boolean;
}

const count = 300;
const keyCount = 7;
const disorderMs = 30;
const ttlMs = 100;

/** A little out of order; each key is silent now and then, for a time about as long as its row lives. */
function readingAt(id: number): Reading {
  const draw = Math.imul(id + 1, 2_654_435_761) >>> 8;
  const at = 10_000 + id * 12 - (draw % (disorderMs + 1));
  return { key: draw % keyCount, id, at, isGone: draw % 11 === 0 };
}

/** The same by the rules alone: an event ends a row that has run out by its time, and so does the last watermark. */
function expectedChanges(): readonly string[][] {
  const rows = new Map<number, { before: number | undefined; until: number }>();
  const told = Array.from({ length: keyCount }, (): string[] => []);
  let newest = 0;
  for (let id = 0; id < count; id += 1) {
    const { key, at, isGone } = readingAt(id);
    newest = Math.max(newest, at);
    const row = rows.get(key) ?? { before: undefined, until: Number.POSITIVE_INFINITY };
    const hasRunOut = at >= row.until;
    if (hasRunOut && row.before !== undefined) told[key]!.push(`delete ${row.before}`);
    const before = hasRunOut ? undefined : row.before;
    if (isGone && before !== undefined) told[key]!.push(`delete ${before}`);
    if (!isGone) told[key]!.push(before === undefined ? `insert ${id}` : `update ${before} ${id}`);
    const until = Number.isFinite(row.until) ? Math.max(row.until, at + ttlMs) : at + ttlMs;
    rows.set(key, isGone ? { before: undefined, until: row.until } : { before: id, until });
  }
  for (const [key, { before, until }] of rows) {
    if (before !== undefined && until <= newest - disorderMs - 1) told[key]!.push(`delete ${before}`);
  }
  return told;
}

const job = defineJob("readings", (job, options: OperatorOptions) => {
  job
    .source("readings", generate({ count, from: readingAt }))
    .eventTime("at", { time: ({ at }) => at, outOfOrderness: disorderMs })
    .asTable("newest", ({ key }) => key, {
      row: (reading) => (reading.isGone ? null : reading),
      ttl: ttlMs,
      ttlTime: "event",
      ...options,
    })
    .changes()
    .collect("changes");
});

test.each([
  { creditEvents: 1, kills: true, parallelism: 2 },
  { creditEvents: 7, kills: true, parallelism: 2 },
  { creditEvents: 64, kills: false, parallelism: 3 },
  { creditEvents: 1_000, kills: false, parallelism: 1 },
  { creditEvents: 64, kills: true, parallelism: 2, microBatch: { interval: "3ms" } },
  { creditEvents: 64, kills: false, parallelism: 1, microBatch: { interval: "1h" } },
] as const)("%j", async ({ creditEvents, kills, ...params }) => {
  const expected = expectedChanges();

  const simulation = await simulate(job, {
    seed: creditEvents,
    params,
    faults: kills ? [killProcess().at(20)] : [],
    guarantee: "exactly-once",
    epochInterval: 5,
    creditEvents,
  });

  expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
  const found = Array.from({ length: keyCount }, (): string[] => []);
  for (const change of simulation.collected<Change<Reading, number>>("changes")) {
    const before = change.kind === "insert" ? [] : [change.before.id];
    const after = change.kind === "delete" ? [] : [change.after.id];
    found[change.key]!.push([change.kind, ...before, ...after].join(" "));
  }
  expect(found).toEqual(expected);
  // Rows have run out, also right before an event of their key.
  expect(expected.flat().filter((text) => text.startsWith("delete")).length).toBeGreaterThan(count / 5);
});
