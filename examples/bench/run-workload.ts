/** Runs one workload: a process per contender, all alive at once, measured in turns, all gone at the end. */

import { ContenderProcess } from "./contender-process.ts";
import { interleave, type Lane } from "./interleave.ts";
import type { Measurement } from "./measurement.ts";
import type { ContenderEntry } from "./registry.ts";
import type { MeasuredEntry } from "./summary.ts";
import { differenceOf, type Workload } from "./workload.ts";

/** The measured entries in the order given. A contender that fails, fails alone. */
export async function runWorkload(
  workload: Workload,
  entries: readonly ContenderEntry[],
  units: number,
  rounds: number,
  onRound: (round: number) => void,
): Promise<MeasuredEntry[]> {
  const expected = workload.expectedAnswer(units);
  const processes: ContenderProcess[] = [];
  try {
    const lanes: Lane<Measurement>[] = [];
    for (const entry of entries) {
      const started = await ContenderProcess.start(workload.id, entry.name).catch((error: Error) => error);
      if (started instanceof ContenderProcess) processes.push(started);
      lanes.push({
        name: entry.name,
        // One that did not start fails in its first round, like any other failure.
        run: () => (started instanceof ContenderProcess ? started.run(units) : Promise.reject(started)),
        refuse: ({ answer }) => differenceOf(expected, answer),
      });
    }
    const outcomes = await interleave(lanes, rounds, onRound);
    return entries.map((entry, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error(`no outcome for ${entry.name}`);
      return { entry, outcome };
    });
  } finally {
    await Promise.all(processes.map((started) => started.stop()));
  }
}
