/**
 * A query measured: rounds of the plain loop and of the job, in turns, on one thread, and of the job on worker threads. The rows of each
 * round are compared with those of the loop: with other rows there is no figure.
 *
 * On one thread it is processor time that counts, the garbage collector's included: that is the same however busy the machine is, and an
 * event per second of it is an event per second and core. On worker threads it is time on the wall, from the moment at which every operator
 * is open to the end of the last one.
 */

import { setTimeout } from "node:timers/promises";
import { ActorSystem, type Guarantee } from "../../../jobs/index.ts";
import { median } from "../../bench/statistics.ts";
import { startTaking } from "../../bench/taken.ts";
import { benchRowCounts, benchStream } from "../expected.ts";
import type { StreamSettings } from "../generator/event-stream.ts";
import nexmark, { rowsSink } from "../nexmark.job.ts";
import { preparedEvents } from "../prepared-events.ts";
import type { Query } from "../queries/query.ts";
import { digestOf, type RowDigest } from "../row-digest.ts";
import { checkRowCount, checkSameRows } from "../rows-differ-error.ts";
import { rowsAndEnd } from "./kept-rows.ts";

export interface MeasureSettings {
  readonly stream: StreamSettings;
  readonly guarantee: Guarantee;
  /** Worker threads to measure it on, too; 0 for none. */
  readonly threads: number;
  readonly rounds: number;
}

export interface MeasuredQuery {
  readonly query: string;
  readonly events: number;
  readonly rows: number;
  /** SHA-256 of the rows, as in `RowDigest`. */
  readonly hash: string;
  /** Events per second of processor time. */
  readonly loopPerSecond: number;
  readonly millracePerSecond: number;
  /** How many times longer the job takes than the loop: the median over the rounds. */
  readonly ratio: number;
  /** Ms of processor time from the submission of the job to the moment at which every operator is open: no part of the rates. */
  readonly startMs: number;
  /** Events per second on the wall, on worker threads. */
  readonly onThreadsPerSecond?: number;
}

/**
 * Rounds before the first that counts: in them code is compiled, for which there are a few stages, and compiled anew for what the first
 * have not shown. They go on until the job has run for so long, and are so many at least.
 */
const warmUpMs = 3_000;
const warmUpRounds = 5;
const heapLimitMb = 4_096;
const idleSliceMs = 20;
const idleSlicesMax = 100;

/** @throws RowsDifferError */
export async function measureQuery(query: Query, given: MeasureSettings): Promise<MeasuredQuery> {
  const events = Math.min(given.stream.events, query.benchEventsMax ?? given.stream.events);
  return measure(query, { ...given, stream: { ...given.stream, events } });
}

async function measure(query: Query, settings: MeasureSettings): Promise<MeasuredQuery> {
  const { stream, threads, rounds } = settings;
  const events = preparedEvents(stream);
  const expected = digestOf(query.loop(events), query.columns);
  const rowCount = benchRowCounts[query.name];
  const isKnown = stream.events === benchStream.events && stream.rate === benchStream.rate;
  if (isKnown && rowCount !== undefined) checkRowCount(query.name, rowCount, expected);
  const loops: number[] = [];
  const jobs: number[] = [];
  const starts: number[] = [];
  await using system = await ActorSystem.start({ threads: 0 });
  await warmUp(async () => {
    query.loop(events);
    return (await runJob(system, query, settings)).cpuMs;
  });
  for (let round = 0; round < rounds; round += 1) {
    await untilIdle();
    loops.push(measureLoop(query, settings, expected));
    await untilIdle();
    const { startMs, cpuMs, results } = await runJob(system, query, settings);
    checkSameRows(query.name, expected, digestOf(query.rowsOf(results), query.columns));
    jobs.push(cpuMs);
    starts.push(startMs);
  }
  const perSecond = (times: readonly number[]) => Math.round((events.length / median(times)) * 1_000);
  return {
    query: query.name,
    events: events.length,
    rows: expected.rowCount,
    hash: expected.sha256,
    loopPerSecond: perSecond(loops),
    millracePerSecond: perSecond(jobs),
    ratio: median(jobs.map((ms, round) => ms / (loops[round] as number))),
    startMs: median(starts),
    ...(threads === 0 ? {} : { onThreadsPerSecond: perSecond(await measureThreads(query, settings, expected)) }),
  };
}

function measureLoop(query: Query, { stream }: MeasureSettings, expected: RowDigest): number {
  const events = preparedEvents(stream);
  const taken = startTaking();
  const rows = query.loop(events);
  const { cpuMs } = taken();
  checkSameRows(query.name, expected, digestOf(rows, query.columns));
  return cpuMs;
}

/**
 * Until the process does nothing any more. Rows that were compared leave garbage behind, whose collection the engine begins at once and goes on with
 * on threads of its own, and when this one gets back to its event loop: so it would be counted for what is measured next.
 */
async function untilIdle(): Promise<void> {
  for (let slices = 0; slices < idleSlicesMax; slices += 1) {
    const taken = startTaking();
    await setTimeout(idleSliceMs);
    if (taken().cpuMs < idleSliceMs / 10) return;
  }
}

/** @param round says for how many ms it has run */
async function warmUp(round: () => Promise<number>): Promise<void> {
  let ms = 0;
  for (let rounds = 0; rounds < warmUpRounds || ms < warmUpMs; rounds += 1) ms += await round();
}

/** On the calling thread; until the results are there as one array, as those of the loop are. */
async function runJob(system: ActorSystem, query: Query, { stream, guarantee }: MeasureSettings) {
  const starting = startTaking();
  const run = await system.submit(nexmark, { params: { stream, queries: [query.name] }, guarantee });
  await run.started;
  const { cpuMs: startMs } = starting();
  const taken = startTaking();
  await run.completed;
  const results = run.collected<object>(rowsSink(query.name));
  const { cpuMs } = taken();
  return { startMs, cpuMs, results };
}

/** In ms, round by round. */
async function measureThreads(
  query: Query,
  { stream, guarantee, threads, rounds }: MeasureSettings,
  expected: RowDigest,
): Promise<number[]> {
  const times: number[] = [];
  await using system = await ActorSystem.start({ threads, heapLimitMb });
  const params = { stream, queries: [query.name], parallelism: threads, keepsRows: true };
  const runJob = async () => {
    const run = await system.submit(nexmark, { params, guarantee });
    await run.started;
    const startedAt = performance.timeOrigin + performance.now();
    await run.completed;
    const { rows, endedAt } = rowsAndEnd(run.collected<object>(rowsSink(query.name)));
    return { rows, ms: endedAt - startedAt };
  };
  await warmUp(async () => (await runJob()).ms);
  for (let round = 0; round < rounds; round += 1) {
    const { rows, ms } = await runJob();
    checkSameRows(query.name, expected, digestOf(query.rowsOf(rows), query.columns));
    times.push(ms);
  }
  return times;
}
