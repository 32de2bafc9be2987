/**
 * A query measured: rounds of the plain loop and of the job, in turns, on one thread, and of the job on worker threads. The rows of each
 * round are compared with those of the loop: with other rows there is no figure.
 *
 * On one thread it is processor time that counts, the garbage collector's included: that is the same however busy the machine is, and an
 * event per second of it is an event per second and core. On worker threads it is time on the wall, from the moment at which every operator
 * is open to the end of the last one.
 */

import { ActorSystem, type Guarantee } from "../../../jobs/index.ts";
import { median } from "../../bench/statistics.ts";
import { startTaking } from "../../bench/taken.ts";
import type { StreamSettings } from "../generator/event-stream.ts";
import nexmark, { rowsSink } from "../nexmark.job.ts";
import { preparedEvents } from "../prepared-events.ts";
import type { Query } from "../queries/query.ts";
import { digestOf, type RowDigest } from "../row-digest.ts";
import { checkSameRows } from "../rows-differ-error.ts";
import type { RowsKept } from "./kept-rows.ts";

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
  /** Events per second on the wall, on worker threads. */
  readonly onThreadsPerSecond?: number;
}

/** Rounds before the first that counts: in them code is compiled, for which there are a few stages. */
const warmUpRounds = 5;
const heapLimitMb = 4_096;

/** @throws RowsDifferError */
export async function measureQuery(query: Query, settings: MeasureSettings): Promise<MeasuredQuery> {
  const { stream, threads, rounds } = settings;
  const events = preparedEvents(stream);
  const expected = digestOf(query.loop(events), query.columns);
  const loops: number[] = [];
  const jobs: number[] = [];
  await using system = await ActorSystem.start({ threads: 0 });
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const loopMs = measureLoop(query, settings, expected);
    const jobMs = await measureJob(system, query, settings, expected);
    if (round < 0) continue;
    loops.push(loopMs);
    jobs.push(jobMs);
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

/** On the calling thread. */
async function measureJob(
  system: ActorSystem,
  query: Query,
  { stream, guarantee }: MeasureSettings,
  expected: RowDigest,
): Promise<number> {
  const run = await system.submit(nexmark, { params: { stream, queries: [query.name] }, guarantee });
  await run.started;
  const taken = startTaking();
  await run.completed;
  const { cpuMs } = taken();
  const rows = query.rowsOf(run.collected<object>(rowsSink(query.name)));
  checkSameRows(query.name, expected, digestOf(rows, query.columns));
  return cpuMs;
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
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const run = await system.submit(nexmark, { params, guarantee });
    await run.started;
    const startedAt = performance.timeOrigin + performance.now();
    await run.completed;
    const kept = run.collected<RowsKept>(rowsSink(query.name));
    const rows = query.rowsOf(kept.flatMap((one) => one.rows));
    checkSameRows(query.name, expected, digestOf(rows, query.columns));
    if (round >= 0) times.push(Math.max(...kept.map(({ endedAt }) => endedAt)) - startedAt);
  }
  return times;
}
