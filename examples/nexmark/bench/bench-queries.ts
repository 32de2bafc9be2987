/**
 * The bench: each query measured in a process of its own, so that what is compiled for one does not slow down another. What comes of it has
 * a stable shape.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Guarantee } from "../../../jobs/index.ts";
import { type Machine, thisMachine } from "../../bench/machine.ts";
import { median } from "../../bench/statistics.ts";
import type { NexmarkOptions } from "../options.ts";
import { preparedEvents } from "../prepared-events.ts";
import type { Query } from "../queries/query.ts";
import { type MeasuredQuery, measureQuery } from "./measured-query.ts";

export interface NexmarkBench {
  readonly workload: "nexmark";
  readonly machine: Machine;
  readonly guarantee: Guarantee;
  /** Of event time. */
  readonly eventsPerSecond: number;
  /** Worker threads that queries were measured on beside the calling one; 0 for none. */
  readonly threads: number;
  readonly rounds: number;
  /** How many processes each query was measured in, one after the other: figures are the medians of theirs. */
  readonly processes: number;
  /** Events that the generator makes per second of processor time. */
  readonly generatedPerSecond: number;
  readonly rows: readonly MeasuredQuery[];
}

/**
 * Measures one query here; several of them, or one in several processes, one after the other in processes of their own.
 *
 * @param tell is called before each of several
 * @throws RowsDifferError, and an error for a process that has failed
 */
export async function benchQueries(options: NexmarkOptions, tell: (query: Query) => void): Promise<NexmarkBench> {
  const { queries, stream, guarantee, threads, rounds, processes } = options;
  const machine = thisMachine();
  const common = {
    workload: "nexmark",
    machine,
    guarantee,
    eventsPerSecond: stream.rate ?? 0,
    threads,
    rounds,
    processes,
  } as const;
  const [only] = queries;
  if (only !== undefined && queries.length === 1 && processes === 1) {
    const generatedPerSecond = measureGenerator(options);
    return { ...common, generatedPerSecond, rows: [await measureQuery(only, options)] };
  }
  const folder = await mkdtemp(join(tmpdir(), "millrace-nexmark-"));
  const benches: NexmarkBench[] = [];
  const rows: MeasuredQuery[] = [];
  try {
    for (const query of queries) {
      tell(query);
      for (let index = 0; index < processes; index += 1) {
        benches.push(await benchInProcess(query, options, join(folder, `${query.name}.json`)));
      }
      rows.push(medianOf(benches.slice(-processes).flatMap((bench) => bench.rows)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const generatedPerSecond = Math.max(...benches.map((bench) => bench.generatedPerSecond));
  return { ...common, generatedPerSecond, rows };
}

/** The figures of one query in several processes, in which the same loop may be compiled to code of half the speed. */
function medianOf(all: readonly MeasuredQuery[]): MeasuredQuery {
  const [first] = all as [MeasuredQuery, ...MeasuredQuery[]];
  const middle = (figure: (each: MeasuredQuery) => number) => median(all.map(figure));
  return {
    ...first,
    loopPerSecond: middle(({ loopPerSecond }) => loopPerSecond),
    millracePerSecond: middle(({ millracePerSecond }) => millracePerSecond),
    ratio: middle(({ ratio }) => ratio),
    startMs: middle(({ startMs }) => startMs),
    ...(first.onThreadsPerSecond === undefined
      ? {}
      : { onThreadsPerSecond: middle(({ onThreadsPerSecond }) => onThreadsPerSecond as number) }),
  };
}

function measureGenerator({ stream }: NexmarkOptions): number {
  const before = process.cpuUsage();
  preparedEvents(stream);
  const { user, system } = process.cpuUsage(before);
  return Math.round(stream.events / ((user + system) / 1_000_000));
}

const mainFile = fileURLToPath(new URL("../main.ts", import.meta.url));

async function benchInProcess(query: Query, options: NexmarkOptions, jsonPath: string): Promise<NexmarkBench> {
  const { stream, guarantee, threads, rounds } = options;
  const given = {
    query: query.name,
    events: stream.events,
    rate: stream.rate,
    threads,
    guarantee,
    rounds,
    json: jsonPath,
  };
  const words = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [mainFile, "--bench", ...words], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the process that measured ${query.name} has ended with ${code ?? "a signal"}`);
  return JSON.parse(await readFile(jsonPath, "utf8"));
}
