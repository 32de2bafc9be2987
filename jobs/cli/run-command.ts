/**
 * `millrace run`: runs a job until it has completed, has failed, or is told to end. The first signal drains it, the
 * second cancels it, the third has its usual effect on the process.
 */

import type { Duration } from "../../runtime/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { JobGraph } from "../job-graph.ts";
import { loadJob } from "../load-job.ts";
import type { RunReport } from "../run/run-report.ts";
import type { CliContext, CliRun, CliSystem } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { parseParams } from "./parse-params.ts";
import { printError } from "./print-error.ts";
import { eventText, printEvents } from "./print-events.ts";
import { RunProgress } from "./run-progress.ts";
import { UsageError } from "./usage-error.ts";

export interface RunCommandOptions {
  readonly threads: number;
  readonly param?: readonly string[];
  readonly job?: string;
  readonly guarantee: Guarantee;
  readonly epochInterval?: Duration;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Rejects with what is wrong with the input, before anything was started; later failures are printed. */
export async function runCommand(file: string, options: RunCommandOptions, context: CliContext): Promise<ExitCode> {
  const params = parseParams(options.param ?? []);
  checkEpochInterval(options);
  const definition = await loadJob(file, options.job === undefined ? {} : { name: options.job });
  const graph = buildGraph(definition, params);
  let system: CliSystem | undefined;
  try {
    system = await context.startSystem({ threads: options.threads });
    return await runIn(system, definition, params, graph, options, context);
  } catch (error) {
    context.stderr.write(printError(error, { verbose: options.verbose === true }));
    return exitCodes.failed;
  } finally {
    await system?.stop();
  }
}

async function runIn(
  system: CliSystem,
  definition: JobDefinition<unknown>,
  params: unknown,
  graph: JobGraph,
  options: RunCommandOptions,
  context: CliContext,
): Promise<ExitCode> {
  const { guarantee, epochInterval } = options;
  const run = await system.submit(definition, {
    params,
    guarantee,
    ...(epochInterval === undefined ? {} : { epochInterval }),
  });
  const progress = new RunProgress(() => run.report(), {
    clock: context.clock,
    stream: options.quiet === true ? silent : context.stderr,
    inPlace: context.stderr.isTTY === true && !(context.stdout.isTTY === true && writesToStdout(graph)),
    boundedSources: graph.nodes.flatMap((node) => (node.kind === "source" && node.spec.bounded ? [node.name] : [])),
  });
  const ignoreSignals = endOnSignals(run, progress, context);
  let last: RunReport | undefined;
  try {
    progress.start();
    const printed = Promise.all(
      sinksOfMain(graph, "output").map((name) => printEvents(run.output(name), context.stdout)),
    );
    // A reader that went away ends the run; with its own failure the run says more than its outputs do.
    printed.catch(() => void run.cancel());
    last = await run.completed;
    await printed;
    for (const name of sinksOfMain(graph, "collect")) {
      for (const event of run.collected(name)) context.stdout.write(`${eventText(event)}\n`);
    }
  } finally {
    ignoreSignals();
    progress.end(last);
  }
  return last.status === "cancelled" ? exitCodes.cancelled : exitCodes.done;
}

function checkEpochInterval({ guarantee, epochInterval }: RunCommandOptions): void {
  if (guarantee !== "at-most-once" || epochInterval === undefined) return;
  throw new UsageError("--epoch-interval needs --guarantee exactly-once or at-least-once: at-most-once has no epochs");
}

function endOnSignals(run: CliRun, progress: RunProgress, context: CliContext): () => void {
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

function sinksOfMain(graph: JobGraph, kind: "output" | "collect"): string[] {
  return graph.nodes.filter((node) => node.placement.kind === "main" && node.label === kind).map((node) => node.name);
}

function writesToStdout(graph: JobGraph): boolean {
  return graph.nodes.some((node) => node.label === "stdout" || node.label === "output");
}

const silent = { write: () => true };
