/**
 * WatchRun: from a run that was started to the exit code. The first signal drains it, the second cancels it, the third has
 * its usual effect on the process.
 */

import type { CliContext, CliRun } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { eventText } from "./print-events.ts";
import type { RunProgress } from "./run-progress.ts";

export type WatchedRun = Pick<CliRun, "completed" | "drain" | "cancel" | "report" | "collected">;

export interface WatchedSinks {
  /** Names of its `collect` sinks: printed at the end. */
  readonly collects: readonly string[];
  /** Prints what its outputs are given; rejects when that cannot be printed any more. */
  readonly printOutputs: () => Promise<unknown>;
}

/** Rejects when the run does. */
export async function watchRun(
  run: WatchedRun,
  progress: RunProgress,
  context: CliContext,
  { collects, printOutputs }: WatchedSinks,
): Promise<ExitCode> {
  const ignoreSignals = endOnSignals(run, progress, context);
  let last: Awaited<WatchedRun["completed"]> | undefined;
  try {
    progress.start();
    const printed = printOutputs();
    // A reader that went away ends the run; with its own failure the run says more than its outputs do.
    printed.catch(() => void run.cancel());
    last = await run.completed;
    await printed;
    for (const name of collects) {
      for (const event of run.collected(name)) context.stdout.write(`${eventText(event)}\n`);
    }
  } finally {
    ignoreSignals();
    progress.end(last);
  }
  return last.status === "cancelled" ? exitCodes.cancelled : exitCodes.done;
}

function endOnSignals(run: WatchedRun, progress: RunProgress, context: CliContext): () => void {
  let signalCount = 0;
  const ignoreSignals = context.onSignal(() => {
    signalCount += 1;
    if (signalCount === 1) {
      progress.say("draining: sources stop, what is in flight is finished; once more to cancel");
      run.drain().catch(() => undefined); // told by `completed` too
    } else {
      progress.say("cancelling");
      ignoreSignals();
      run.cancel().catch(() => undefined);
    }
  });
  return ignoreSignals;
}
