/**
 * ProgressMeter: from the reports of a run to how fast it is and how much is left. Pure: reports in, readings out.
 *
 * Speed is that of the last few readings, time left that of the whole run: the first is to show changes, the second is to
 * stay calm.
 */

import type { SupervisedReport } from "../process/supervised-report.ts";
import type { RunReport } from "../run/run-report.ts";
import { waitText } from "../run/waiting-for.ts";

export interface ProgressReading {
  readonly elapsedMs: number;
  /** For how long the process that runs the job has done so, where others had before; undefined where none had. */
  readonly sinceRestartMs: number | undefined;
  /** Events that the sources emitted; where its process was replaced, in the last one. */
  readonly events: number;
  readonly eventsPerSecond: number;
  /** From 0 to 1, when every source is bounded and knows how much there is. */
  readonly fraction: number | undefined;
  readonly leftMs: number | undefined;
  readonly deadLetters: number;
  /** Events that may have been lost with threads and processes, at most. */
  readonly lostEvents: number;
  /** What the run waits for, in words; undefined while it flows. */
  readonly waits: string | undefined;
  /** Undefined where there is none yet, or none at all. */
  readonly checkpoints: CheckpointReading | undefined;
}

export interface CheckpointReading {
  readonly count: number;
  readonly averageMs: number;
  readonly maxMs: number;
}

/** Of a run in this process, or in one of its own. */
export type MeteredReport = RunReport & Partial<Pick<SupervisedReport, "processRestarts" | "processElapsedMs">>;

const readingsKept = 10;
/** What waits for less, while sources read on, is not worth a word. */
const waitShownMs = 3_000;

export class ProgressMeter {
  readonly #boundedSources: ReadonlySet<string>;
  readonly #recent: { readonly elapsedMs: number; readonly events: number }[] = [{ elapsedMs: 0, events: 0 }];
  #processRestarts = 0;
  /** How much was done when it was first known; of this process. */
  #first: { readonly fraction: number; readonly elapsedMs: number } | undefined;

  /** @param boundedSources names of the sources that end by themselves */
  constructor(boundedSources: Iterable<string>) {
    this.#boundedSources = new Set(boundedSources);
  }

  read(report: MeteredReport): ProgressReading {
    const { elapsedMs, processRestarts = 0, processElapsedMs = elapsedMs } = report;
    if (processRestarts !== this.#processRestarts) {
      // What another process read is not known to its end, and some of it is read again.
      this.#processRestarts = processRestarts;
      this.#first = undefined;
      this.#recent.splice(0, readingsKept, { elapsedMs: elapsedMs - processElapsedMs, events: 0 });
    }
    const sources = report.operators.filter((operator) => operator.kind === "source");
    // A restarted cell counts from zero again; what was read before does not become less.
    const events = Math.max(this.#recent.at(-1)?.events ?? 0, sum(sources.map((source) => source.total.out)));
    this.#recent.push({ elapsedMs, events });
    if (this.#recent.length > readingsKept) this.#recent.shift();
    const fraction = this.#fraction(sources);
    return {
      elapsedMs,
      sinceRestartMs: processRestarts === 0 ? undefined : processElapsedMs,
      events,
      eventsPerSecond: this.#eventsPerSecond(),
      fraction,
      leftMs: this.#leftMs(fraction, elapsedMs),
      deadLetters: sum(report.operators.map((operator) => operator.total.deadLetters)),
      lostEvents: report.lostEvents,
      waits: waitsOf(report),
      checkpoints: checkpointsOf(report),
    };
  }

  /** By what was done since the first reading: before it may lie what runs before have done. */
  #leftMs(fraction: number | undefined, elapsedMs: number): number | undefined {
    if (fraction === undefined) return undefined;
    this.#first ??= { fraction, elapsedMs };
    const done = fraction - this.#first.fraction;
    return done <= 0 ? undefined : ((elapsedMs - this.#first.elapsedMs) * (1 - fraction)) / done;
  }

  #eventsPerSecond(): number {
    const first = this.#recent[0];
    const last = this.#recent.at(-1);
    if (first === undefined || last === undefined || last.elapsedMs <= first.elapsedMs) return 0;
    return ((last.events - first.events) * 1_000) / (last.elapsedMs - first.elapsedMs);
  }

  /** The mean over the sources: their units differ. */
  #fraction(sources: RunReport["operators"]): number | undefined {
    const fractions = sources.map((source) => {
      const progress = source.instances.map((instance) => instance.progress);
      const total = sum(progress.map((each) => each?.total ?? 0));
      const isKnown =
        this.#boundedSources.has(source.name) && progress.every((each) => each !== undefined) && total > 0;
      return isKnown ? Math.min(1, sum(progress.map((each) => each?.done ?? 0)) / total) : Number.NaN;
    });
    const mean = sum(fractions) / fractions.length;
    return Number.isNaN(mean) ? undefined : mean;
  }
}

/** The one that has not moved for longest, and whether sources pause. */
function waitsOf({ waitingFor, epochs }: RunReport): string | undefined {
  const isPaused = epochs?.pausedForMs !== undefined;
  const [longest] = [...waitingFor].sort((left, right) => right.forMs - left.forMs);
  const isWritten = epochs?.inFlight?.phase === "write";
  const what =
    longest !== undefined && (isPaused || longest.why === "starts-over" || longest.forMs >= waitShownMs)
      ? waitText(longest)
      : isPaused
        ? `a checkpoint is being ${isWritten ? "written" : "made"}`
        : undefined;
  return isPaused ? `${what}, sources pause` : what;
}

function checkpointsOf({ epochs }: RunReport): CheckpointReading | undefined {
  if (epochs?.average === undefined || epochs.max === undefined) return undefined;
  return { count: epochs.completed, averageMs: epochs.average.durationMs, maxMs: epochs.max.durationMs };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
