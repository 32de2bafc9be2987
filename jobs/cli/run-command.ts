/**
 * `millrace run`: runs a job until it has completed, has failed, or is told to end: in this process, or, with a storage to go
 * on from, in one under supervision (supervised-run-command.ts).
 */

import { buildGraph } from "../define-job.ts";
import type { JobGraph } from "../job-graph.ts";
import { loadJob } from "../load-job.ts";
import type { CliContext, CliRun, CliSystem } from "./cli-context.ts";
import { reasonLines, whereTheyAre } from "./dead-letter-texts.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { parseParams } from "./parse-params.ts";
import { printError } from "./print-error.ts";
import { printEvents } from "./print-events.ts";
import { checkTogether, guaranteeOf, type RunCommandOptions, storageOf, submitOf } from "./run-options.ts";
import { runProgress } from "./run-progress.ts";
import { runSupervised } from "./supervised-run-command.ts";
import { watchRun } from "./watch-run.ts";

/** Rejects with what is wrong with the input, before anything was started; later failures are printed. */
export async function runCommand(file: string, options: RunCommandOptions, context: CliContext): Promise<ExitCode> {
  const params = parseParams(options.param ?? []);
  checkTogether(options);
  const { storage } = options;
  if (storage !== undefined && options.inProcess !== true) {
    return runSupervised(file, { ...options, storage }, params, context);
  }
  const definition = await loadJob(file, options.job === undefined ? {} : { name: options.job });
  const graph = buildGraph(definition, params);
  let system: CliSystem | undefined;
  let run: CliRun | undefined;
  try {
    system = await context.startSystem({ threads: options.threads });
    run = await system.submit(definition, {
      params,
      guarantee: guaranteeOf(options),
      ...(storage === undefined ? {} : { storage: storageOf(storage, options) }),
      ...submitOf(options),
    });
    return await watch(run, graph, options, context);
  } catch (error) {
    // What the submit refuses is input: nothing of the job was started.
    if (system !== undefined && run === undefined) throw error;
    context.stderr.write(printError(error, { verbose: options.verbose === true }));
    return exitCodes.failed;
  } finally {
    await system?.stop();
  }
}

function watch(run: CliRun, graph: JobGraph, options: RunCommandOptions, context: CliContext): Promise<ExitCode> {
  const { storage, quiet } = options;
  const progress = runProgress(run, context, {
    quiet,
    boundedSources: graph.nodes.flatMap((node) => (node.kind === "source" && node.spec.bounded ? [node.name] : [])),
    labels: graph.nodes.map(({ label }) => label),
  });
  return watchRun(run, progress, context, {
    endBy: storage === undefined ? "drain" : "stop",
    collects: sinksOfMain(graph, "collect"),
    printOutputs: () =>
      Promise.all(sinksOfMain(graph, "output").map((name) => printEvents(run.output(name), context.stdout))),
    letterLines: ({ job }, count) =>
      storage === undefined
        ? reasonLines(run.deadLetters.list(), count, context.stderr.columns)
        : [whereTheyAre(job, storage)],
  });
}

function sinksOfMain(graph: JobGraph, kind: "output" | "collect"): string[] {
  return graph.nodes.filter((node) => node.placement.kind === "main" && node.label === kind).map((node) => node.name);
}
