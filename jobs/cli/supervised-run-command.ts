/**
 * `millrace run --storage`: the job runs in a process of its own, which is replaced from the last checkpoint when it dies.
 * This process shows how it is doing, passes signals on, and prints what was collected; it loads no job.
 */

import { deathText, type ProcessDeath } from "../process/process-error.ts";
import type { ProcessFactOf } from "../process/process-facts.ts";
import type { SupervisedRun } from "../process/supervised-run.ts";
import type { CliContext } from "./cli-context.ts";
import { whereTheyAre } from "./dead-letter-texts.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { printError } from "./print-error.ts";
import { durationText } from "./progress-line.ts";
import { guaranteeOf, type RunCommandOptions, storageOf, submitOf } from "./run-options.ts";
import { type RunProgress, runProgress } from "./run-progress.ts";
import { watchRun } from "./watch-run.ts";

/** Rejects with what is wrong with the job or its storage, before anything was started; later failures are printed. */
export async function runSupervised(
  file: string,
  options: RunCommandOptions & { readonly storage: string },
  params: unknown,
  context: CliContext,
): Promise<ExitCode> {
  let progress: RunProgress | undefined;
  const run = context.supervise(
    {
      module: file,
      job: options.job,
      name: options.job ?? file,
      outputs: "print",
      writeErrorText: (text) => {
        progress?.clear();
        context.stderr.write(text);
      },
    },
    {
      params,
      storage: storageOf(options.storage, options),
      threads: options.threads,
      guarantee: guaranteeOf(options) === "at-least-once" ? "at-least-once" : "exactly-once",
      standby: options.standby !== false,
      ...submitOf(options),
      ...(options.restarts === undefined ? {} : { restarts: options.restarts }),
    },
  );
  try {
    const { operators } = await run.described;
    progress = runProgress(run, context, {
      quiet: options.quiet,
      boundedSources: operators.filter(({ bounded }) => bounded).map(({ name }) => name),
      labels: operators.map(({ label }) => label),
    });
    sayDeaths(run, progress);
    return await watchRun(run, progress, context, {
      endBy: "stop",
      collects: operators.filter(({ label }) => label === "collect").map(({ name }) => name),
      printOutputs: () => Promise.resolve(), // its process prints them
      letterLines: ({ job }) => [whereTheyAre(job, options.storage)],
    });
  } catch (error) {
    if (run.failureStage === "input" && run.processRestarts === 0) throw error;
    context.stderr.write(printError(error, { verbose: options.verbose === true }));
    return codeOf(error) === "ERR_JOB_PROCESS_RESTARTS_SPENT" ? exitCodes.processLost : exitCodes.failed;
  }
}

/** One line for each process that dies, and one for each that goes on. */
function sayDeaths(run: SupervisedRun, progress: RunProgress): void {
  run.on("process-lost", (fact) => {
    if (fact.restartInMs !== undefined || run.status === "stopping") progress.say(deathLine(fact));
  });
  run.on("process-begun", ({ pid, restarts }) => {
    if (restarts > 0) progress.say(`goes on in process ${pid}`);
  });
}

function deathLine({ error, restartInMs }: ProcessFactOf<"process-lost">): string {
  const { pid, end, reason, checkpointEpoch } = error.death;
  const from = checkpointEpoch === 0 ? "from the beginning" : `from the checkpoint of epoch ${checkpointEpoch}`;
  const death = `the process of the job ${deathText({ pid, end, reason } satisfies Partial<ProcessDeath>)}`;
  if (restartInMs === undefined) return `${death} while it was being stopped`;
  return `${death}; starts again ${from} ${restartInMs === 0 ? "now" : `in ${durationText(restartInMs)}`}`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
