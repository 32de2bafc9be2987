/** BenchResults: all that a run of the bench has found, as JSON keeps it: rows, and every counted round they were made from. */

import type { NexmarkBench } from "../nexmark/bench/bench-queries.ts";
import type { Machine } from "./machine.ts";
import { type MeasuredEntry, type Row, summarise } from "./summary.ts";
import { type WorkloadId, workloads } from "./workloads.ts";

export interface BenchResults {
  readonly machine: Machine;
  readonly rounds: number;
  /** As asked for by `--events`. */
  readonly events: number;
  readonly workloads: readonly WorkloadResults[];
  /** What `npm run nexmark -- --bench --json` writes, on the calling thread. */
  readonly nexmark?: NexmarkBench;
  /** The same with `--threads`. */
  readonly nexmarkOnThreads?: NexmarkBench;
}

export interface WorkloadResults {
  readonly workload: WorkloadId;
  readonly title: string;
  /** Of a round. */
  readonly units: number;
  readonly rows: readonly Row[];
  readonly contenders: readonly ContenderRounds[];
}

/** The counted rounds of one contender, in their order; none when it has no valid figures. */
export interface ContenderRounds {
  readonly name: string;
  readonly units: number;
  readonly rounds: readonly { readonly wallMs: number; readonly cpuMs: number; readonly peakMb: number }[];
}

export function resultsOf(id: WorkloadId, units: number, measured: readonly MeasuredEntry[]): WorkloadResults {
  return {
    workload: id,
    title: workloads[id].title,
    units,
    rows: summarise(measured),
    contenders: measured.map(({ entry, units, outcome }) => ({
      name: entry.name,
      units,
      rounds:
        outcome.kind !== "measured"
          ? []
          : outcome.rounds.map(({ wallMs, cpuMs, peakMb }) => ({ wallMs, cpuMs, peakMb })),
    })),
  };
}

/** How many rounds of a workload were counted; 0 when no contender has valid figures. */
export function roundsOf({ contenders }: WorkloadResults): number {
  return Math.max(0, ...contenders.map(({ rounds }) => rounds.length));
}

/** Units per second in each counted round; undefined when the contender took no part, or has no valid figures. */
export function ratesOf(results: WorkloadResults | undefined, name: string): readonly number[] | undefined {
  const found = results?.contenders.find((contender) => contender.name === name);
  if (found === undefined || found.rounds.length === 0) return undefined;
  return found.rounds.map(({ wallMs }) => (found.units / wallMs) * 1_000);
}

/**
 * Puts the results of several runs together; of a workload that is in more than one of them the last one counts.
 *
 * @throws RangeError when they are of different machines, or there are none
 */
export function together(all: readonly (BenchResults | NexmarkBench)[]): BenchResults {
  const runs = all.filter(isRun);
  const nexmarks = [
    ...runs.flatMap((run) => [run.nexmark, run.nexmarkOnThreads].filter((bench) => bench !== undefined)),
    ...all.filter((results): results is NexmarkBench => !isRun(results)),
  ];
  if (runs.length === 0) throw new RangeError("expected the results of at least one run of the bench, got none");
  const most = runs.reduce((one, other) => (other.workloads.length >= one.workloads.length ? other : one));
  const stranger = runs.find(({ machine }) => machine.cpu !== most.machine.cpu || machine.node !== most.machine.node);
  if (stranger !== undefined) {
    throw new RangeError(`expected results of one machine, got ${named(stranger.machine)} and ${named(most.machine)}`);
  }
  const byWorkload = new Map(runs.flatMap((run) => run.workloads.map((each) => [each.workload, each])));
  const ids = Object.keys(workloads) as WorkloadId[];
  const nexmark = nexmarks.findLast(({ threads }) => threads === 0);
  const nexmarkOnThreads = nexmarks.findLast(({ threads }) => threads > 0);
  return {
    ...most,
    workloads: ids.flatMap((id) => byWorkload.get(id) ?? []),
    ...(nexmark && { nexmark }),
    ...(nexmarkOnThreads && { nexmarkOnThreads }),
  };
}

function isRun(results: BenchResults | NexmarkBench): results is BenchResults {
  return "workloads" in results;
}

function named({ cpu, node }: Machine): string {
  return `${cpu} with Node ${node}`;
}
