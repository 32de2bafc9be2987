/**
 * WatchRun: from a run that was started to the exit code. The first signal drains it, or stops it at a checkpoint to go on
 * from, the second cancels it, the third has its usual effect on the process.
 */

import type { RunReport } from "../run/run-report.ts";
import type { CliContext, CliRun } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { eventText } from "./print-events.ts";
import type { RunProgress } from "./run-progress.ts";

export type WatchedRun = Pick<CliRun, "completed" | "drain" | "stop" | "cancel" | "report" | "collected">;

export interface WatchOptions {
  /** What the first signal does: `stop` where the same command can go on. */
  readonly endBy: "drain" | "stop";
  /** Names of its `collect` sinks: printed at the end, but not of a run that goes on later, which prints all of it. */
  readonly collects: readonly string[];
  /** Prints what its outputs are given; rejects when that cannot be printed any more. */
  readonly printOutputs: () => Promise<unknown>;
  /** What there is to say of its dead letters, which are so many. */
  readonly letterLines: (last: RunReport, count: number) => readonly string[];
}

/** Rejects when the run does. */
export async function watchRun(
  run: WatchedRun,
  progress: RunProgress,
  context: CliContext,
  { endBy, collects, printOutputs, letterLines }: WatchOptions,
): Promise<ExitCode> {
  const ignoreSignals = endOnSignals(run, progress, context, endBy);
  let last: Awaited<WatchedRun["completed"]> | undefined;
  try {
    progress.start();
    const printed = printOutputs();
    // A reader that went away ends the run; with its own failure the run says more than its outputs do.
    printed.catch(() => void run.cancel());
    last = await run.completed;
    await printed;
    for (const name of last.status === "stopped" ? [] : collects) {
      for (const event of run.collected(name)) context.stdout.write(`${eventText(event)}\n`);
    }
  } finally {
    ignoreSignals();
    progress.end(last);
  }
  const letterCount = last.operators.reduce((sum, { total }) => sum + total.deadLetters, 0);
  if (letterCount > 0) for (const line of letterLines(last, letterCount)) progress.say(line);
  // No part of the progress: whoever does not want to see that still has to know how to go on.
  if (last.status === "stopped") context.stderr.write(`${stoppedLine(last, collects.length > 0)}\n`);
  return last.status === "cancelled" ? exitCodes.cancelled : exitCodes.done;
}

function stoppedLine({ epochs }: RunReport, hasCollected: boolean): string {
  const epoch = epochs?.last?.epoch;
  const where = epoch === undefined ? "its last checkpoint" : `the checkpoint of epoch ${epoch}`;
  const collected = hasCollected ? ", and prints what it has collected when it completes" : "";
  return `stopped at ${where}; the same command goes on from there${collected}`;
}

function endOnSignals(
  run: WatchedRun,
  progress: RunProgress,
  context: CliContext,
  endBy: WatchOptions["endBy"],
): () => void {
  let signalCount = 0;
  const ignoreSignals = context.onSignal(() => {
    signalCount += 1;
    if (signalCount === 1) {
      progress.say(endTexts[endBy]);
      run[endBy]().catch(() => undefined); // told by `completed` too
    } else {
      progress.say("cancelling");
      ignoreSignals();
      run.cancel().catch(() => undefined);
    }
  });
  return ignoreSignals;
}

const endTexts = {
  drain: "draining: sources stop, what is in flight is finished; once more to cancel",
  stop: "stopping: a last checkpoint is taken; once more to cancel",
} as const;
