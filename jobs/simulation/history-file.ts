/**
 * HistoryFile: the history of a simulated run as a text: a header that says how to run it again, a legend, and a line for each
 * step. `replayHistory` runs it again and holds every line against it, so that the first step is found at which the code has
 * come to do something else.
 */

import { isDeepStrictEqual } from "node:util";
import { MillraceError, OptionError } from "../../runtime/index.ts";
import type { JobDefinition } from "../define-job.ts";
import { packageVersion } from "../package-version.ts";
import { simulate } from "./simulate.ts";
import type { SimulateOptions, Simulation } from "./simulation.ts";

/** A text that is no history, or one that cannot be made or replayed. */
export class HistoryFileError extends MillraceError {
  readonly code = "ERR_JOB_HISTORY";
}

/** What a text cannot hold, and has to be given again. */
export type UnwrittenOptions<P> = Pick<SimulateOptions<P>, "sources" | "until" | "params">;

export interface HistoryReplay {
  readonly simulation: Simulation;
  /** The first line that differs; undefined when none does. */
  readonly difference: HistoryDifference | undefined;
}

export interface HistoryDifference {
  /** Number of the step, from 1. */
  readonly step: number;
  /** The lines before it, which are the same. */
  readonly before: readonly string[];
  /** Undefined where the history in the text has ended. */
  readonly expected: string | undefined;
  /** Undefined where the run has ended. */
  readonly actual: string | undefined;
}

interface Header {
  readonly millrace: string;
  readonly job: string;
  readonly status: Simulation["status"];
  readonly options: SimulateOptions<unknown>;
  /** Options that are not in the text. */
  readonly needs: readonly (keyof UnwrittenOptions<unknown>)[];
}

/** The history as a text. Throws ERR_JOB_HISTORY for a run without `history: true`, or one that a test has controlled. */
export function historyText(simulation: Simulation): string {
  const { history, options, job, status } = simulation;
  if (history === undefined)
    throw new HistoryFileError(`the history of job ${JSON.stringify(job)} was not kept: simulate with history: true`);
  if (options === undefined) {
    throw new HistoryFileError(
      `a test has controlled the run of job ${JSON.stringify(job)}: only the test can run it again`,
    );
  }
  const { sources, until, params, ...written } = options;
  const isWritable = isDeepStrictEqual(
    params,
    params === undefined ? undefined : JSON.parse(JSON.stringify(params) ?? "null"),
  );
  const needs: (keyof UnwrittenOptions<unknown>)[] = [];
  if (sources !== undefined) needs.push("sources");
  if (until !== undefined) needs.push("until");
  if (!isWritable) needs.push("params");
  const header: Header = {
    millrace: packageVersion(),
    job,
    status,
    options: isWritable && params !== undefined ? { ...written, params } : written,
    needs,
  };
  return [firstLine, `# ${JSON.stringify(header)}`, ...legend.map((line) => `# ${line}`), ...history, ""].join("\n");
}

/**
 * Runs again what the text tells, and compares line by line.
 *
 * @param given options that are not in the text
 * Rejects with ERR_JOB_HISTORY for a text that is no history of this job, ERR_RT_OPTION when an option is missing, and as `simulate`.
 */
export async function replayHistory<P>(
  definition: JobDefinition<P>,
  text: string,
  given: UnwrittenOptions<P> = {},
): Promise<HistoryReplay> {
  const { header, lines } = parsed(text);
  if (header.job !== definition.name) {
    throw new HistoryFileError(
      `the history is of job ${JSON.stringify(header.job)}, not of ${JSON.stringify(definition.name)}`,
    );
  }
  for (const name of header.needs) {
    if (given[name] === undefined)
      throw new OptionError(name, undefined, "what the run was given, as it is not in the history");
  }
  const options = { ...header.options, ...given, history: true } as SimulateOptions<P>;
  const simulation = await simulate(definition, options);
  return { simulation, difference: differenceOf(lines, simulation.history ?? []) };
}

function differenceOf(expected: readonly string[], actual: readonly string[]): HistoryDifference | undefined {
  const length = Math.max(expected.length, actual.length);
  for (let index = 0; index < length; index += 1) {
    if (expected[index] === actual[index]) continue;
    const before = expected.slice(Math.max(0, index - contextLines), index);
    return { step: index + 1, before, expected: expected[index], actual: actual[index] };
  }
  return undefined;
}

function parsed(text: string): { readonly header: Header; readonly lines: readonly string[] } {
  const [first, second = "", ...rest] = text.split("\n");
  if (first !== firstLine)
    throw new HistoryFileError(`it is no history: expected ${JSON.stringify(firstLine)} in its first line`);
  let header: Header;
  try {
    header = JSON.parse(second.slice(2)) as Header;
  } catch (error) {
    throw new HistoryFileError("it is no history: its second line does not say how it was run", { cause: error });
  }
  return { header, lines: rest.filter((line) => line !== "" && !line.startsWith("#")) };
}

/** Lines that are shown before one that differs. */
const contextLines = 5;
const firstLine = "# millrace history 1";
const legend = [
  "Each line: ms of virtual time, whose turn it is: what it does; what comes of that, in order",
  "  host 0                        the thread that submitted the job; host 1 and so on: worker threads",
  "  thread 3                      a worker thread that runs no host yet, or has died",
  "  outside                       what acts on the process: faults, and the time that is up",
  "  host 1: timer                 a timer of that host is due, or work that it has put off to now",
  "  host 1 < host 2: 312 bytes    host 1 takes a packet that host 2 has sent",
  "  fault: {...}                  a fault strikes",
  "  count/1 takes 12              instance 1 of operator count takes 12 events",
  "  count/1 opens, ends, fails    its life; an incarnation is one life of it",
  "  count/1 closes epoch 7        it has the barrier of epoch 7, and gives its snapshot",
  "  count/1 goes back to epoch 7  it starts from that checkpoint",
  "  epoch 7 is complete           the checkpoint is stored",
];
