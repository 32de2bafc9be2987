/**
 * RunProgress: shows how a run is doing on standard error: one line that is written over at a terminal, and a new line
 * every few seconds elsewhere (a log file, or a terminal where the job itself writes).
 */

import { type CancelTimer, type Clock, checkNames } from "../../runtime/index.ts";
import type { CliContext, CliStream } from "./cli-context.ts";
import { progressLine, summaryLine } from "./progress-line.ts";
import { type MeteredReport, ProgressMeter } from "./progress-meter.ts";

export interface RunProgressOptions {
  readonly clock: Clock;
  readonly stream: CliStream;
  /** One line that is written over. */
  readonly inPlace: boolean;
  /** Names of the sources that end by themselves. */
  readonly boundedSources: Iterable<string>;
}

const inPlacePeriodMs = 200;
const linesPeriodMs = 5_000;
const columnsDefault = 80;
const eraseLine = "\r\u001b[2K";

export class RunProgress {
  readonly #report: () => Promise<MeteredReport>;
  readonly #options: RunProgressOptions;
  readonly #meter: ProgressMeter;
  #cancelTimer: CancelTimer | undefined;
  #isEnded = false;
  #isLineShown = false;

  /** Throws ERR_RT_OPTION for an option that there is none of. */
  constructor(report: () => Promise<MeteredReport>, options: RunProgressOptions) {
    checkNames("RunProgress", options, { clock: true, stream: true, inPlace: true, boundedSources: true });
    this.#report = report;
    this.#options = options;
    this.#meter = new ProgressMeter(options.boundedSources);
  }

  start(): void {
    const periodMs = this.#options.inPlace ? inPlacePeriodMs : linesPeriodMs;
    this.#cancelTimer = this.#options.clock.after(periodMs, () => void this.#tick());
  }

  /** A line that stays. */
  say(text: string): void {
    this.clear();
    this.#options.stream.write(`${text}\n`);
  }

  /** Takes away the line that is written over, for others to write; the next one comes in its time. */
  clear(): void {
    if (this.#isLineShown) this.#options.stream.write(eraseLine);
    this.#isLineShown = false;
  }

  /** Ends the showing; with the last report, by a summary. */
  end(last: MeteredReport | undefined): void {
    this.#isEnded = true;
    this.#cancelTimer?.();
    this.clear();
    if (last !== undefined) this.say(summaryLine(last.job, last.status, this.#meter.read(last)));
  }

  async #tick(): Promise<void> {
    // A report that cannot be had is one line less; what is wrong with the run is said when it ends.
    const report = await this.#report().catch(() => undefined);
    if (this.#isEnded) return;
    if (report !== undefined) this.#show(progressLine(report.job, report.status, this.#meter.read(report)));
    this.start();
  }

  #show(line: string): void {
    const { stream, inPlace } = this.#options;
    if (!inPlace) {
      stream.write(`${line}\n`);
      return;
    }
    // A terminal that does not know its width says 0.
    const columns = stream.columns || columnsDefault;
    stream.write(`${eraseLine}${line.slice(0, columns - 1)}`);
    this.#isLineShown = true;
  }
}

/** The progress of a run that was started from the command line. */
export function runProgress(
  run: { report(): Promise<MeteredReport> },
  { clock, stdout, stderr }: CliContext,
  options: {
    readonly quiet: boolean | undefined;
    readonly boundedSources: Iterable<string>;
    /** What the operators of the job do. */
    readonly labels: readonly string[];
  },
): RunProgress {
  const writesToStdout = options.labels.some((label) => label === "stdout" || label === "output");
  return new RunProgress(() => run.report(), {
    clock,
    stream: options.quiet === true ? silent : stderr,
    inPlace: stderr.isTTY === true && !(stdout.isTTY === true && writesToStdout),
    boundedSources: options.boundedSources,
  });
}

const silent = { write: () => true };
