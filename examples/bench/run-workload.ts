/** Runs one workload: a process per contender, or one for all, all alive at once, measured in turns, all gone at the end. */

import type { ContenderEntry } from "./contender-entry.ts";
import { ContenderProcess } from "./contender-process.ts";
import { interleave, type Lane } from "./interleave.ts";
import type { Measurement } from "./measurement.ts";
import type { MeasuredEntry } from "./summary.ts";
import { differenceOf } from "./workload.ts";
import { type WorkloadId, workloads } from "./workloads.ts";

/** The measured entries in the order given. A contender that fails, fails alone; one that cannot take part here is skipped. */
export async function runWorkload(
  id: WorkloadId,
  entries: readonly ContenderEntry[],
  units: number,
  rounds: number,
  onRound: (round: number) => void,
): Promise<MeasuredEntry[]> {
  const processes: ContenderProcess[] = [];
  try {
    const start = (names: readonly string[]): Promise<ContenderProcess | Error> =>
      ContenderProcess.start(id, names).then(
        (started) => {
          processes.push(started);
          return started;
        },
        (error: Error) => error,
      );
    const lanes: Lane<Measurement>[] = [];
    const shared = workloads[id].isShared ? await start(entries.map(({ name }) => name)) : undefined;
    const results: { entry: ContenderEntry; units: number; skipped: string | undefined }[] = [];
    for (const entry of entries) {
      const skipped = await entry.missing?.();
      const ownUnits = unitsOf(entry, units);
      results.push({ entry, units: ownUnits, skipped });
      if (skipped !== undefined) continue;
      const expected = await workloads[id].expectedAnswer(ownUnits);
      const started = shared ?? (await start([entry.name]));
      lanes.push({
        name: entry.name,
        // One that did not start fails in its first round, like any other failure.
        run: () => {
          if (!(started instanceof ContenderProcess)) return Promise.reject(started);
          return started.run(entry.name, ownUnits, workloads[id].unitsBefore(ownUnits));
        },
        refuse: ({ answer }) => differenceOf(expected, answer),
      });
    }
    const outcomes = (await interleave(lanes, rounds, onRound)).values();
    return results.map(({ entry, units, skipped }) => {
      if (skipped !== undefined) return { entry, units, outcome: { kind: "skipped", reason: skipped } };
      const outcome = outcomes.next().value;
      if (outcome === undefined) throw new Error(`no outcome for ${entry.name}`);
      return { entry, units, outcome };
    });
  } finally {
    await Promise.all(processes.map((started) => started.stop()));
  }
}

/** How many units a round of a contender has. */
export function unitsOf({ slowness = 1 }: ContenderEntry, units: number): number {
  return Math.max(1, Math.floor(units / slowness));
}
