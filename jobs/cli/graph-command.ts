/** `millrace graph`: prints the graph of a job and where it would run. Starts nothing. */

import { buildGraph } from "../define-job.ts";
import { type ExplainFormat, explain } from "../explain.ts";
import { loadJob } from "../load-job.ts";
import { plan } from "../planner.ts";
import type { CliContext } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { parseParams } from "./parse-params.ts";

export interface GraphCommandOptions {
  readonly format: ExplainFormat;
  readonly threads: number;
  readonly param?: readonly string[];
  readonly job?: string;
}

export async function graphCommand(file: string, options: GraphCommandOptions, context: CliContext): Promise<ExitCode> {
  const params = parseParams(options.param ?? []);
  const definition = await loadJob(file, options.job === undefined ? {} : { name: options.job });
  const graph = buildGraph(definition, params);
  const jobPlan = plan(graph, { hostCount: options.threads });
  context.stdout.write(`${explain(graph, jobPlan, options.format)}\n`);
  return exitCodes.done;
}
