/** The command line of `millrace simulate`. */

import { type Command, InvalidArgumentError, Option } from "commander";
import type { Duration } from "../../runtime/index.ts";
import { durationMs } from "../../runtime/index.ts";
import { guarantees } from "../epochs/guarantee.ts";
import { type ChaosKind, chaosKinds } from "../simulation/chaos.ts";
import type { CliContext } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type SimulateCommandOptions, simulateCommand } from "./simulate-command.ts";

export function addSimulateCommand(program: Command, context: CliContext, exit: (code: ExitCode) => void): void {
  program
    .command("simulate")
    .description(
      "Run a job under the faults of many seeds, in virtual time, and compare its output with a run without faults.",
    )
    .argument("<job file>", "a module with a job as its default export, such as traffic.job.ts")
    .option("--seeds <number>", "how many seeds to run", wholeNumber(1, 1_000_000_000), 100)
    .option("--seed <number>", "the first seed", wholeNumber(0, 4_294_967_295), 1)
    .addOption(
      new Option("--faults <kinds>", `some of ${chaosKinds.join(", ")}; chaos for all of them`)
        .argParser(parseKinds)
        .default(chaosKinds, "chaos"),
    )
    .option("--faults-max <number>", "faults of one seed, at most", wholeNumber(1, 1_000), 5)
    .option("--only <numbers>", "with --seeds 1: of the faults that it draws only these, such as 1,3", parseNumbers)
    .addOption(new Option("--guarantee <what>", "what has to hold").choices(guarantees).default("exactly-once"))
    .option("--threads <number>", "virtual worker threads", wholeNumber(1, 64), 2)
    .option("--epoch-interval <duration>", "virtual time between checkpoints", parseDuration, "10ms")
    .option("--time-budget <duration>", "start no further seed after so long", parseDuration)
    .option("--collect <sink>", "a sink that is to collect its events instead of writing them; once for each", collect)
    .option("--history <file>", "with --seeds 1: write there what happened, a line for each step")
    .option(
      "--replay <file>",
      "run the history in that file again, and tell the first step that differs; nothing else counts",
    )
    .option("--param <name=value>", "a param of the job; numbers, true, false, null and JSON are recognised", collect)
    .option("--job <name>", "which job, where the module exports several")
    .option("--verbose", "print the stacks of errors")
    .addHelpText("after", examples)
    .action(async (file: string, options: SimulateCommandOptions) =>
      exit(await simulateCommand(file, options, context)),
    );
}

function parseKinds(text: string): readonly ChaosKind[] {
  if (text === "chaos") return chaosKinds;
  return text.split(",").map((name) => {
    const kind = chaosKinds.find((each) => each === name.trim());
    if (kind === undefined)
      throw new InvalidArgumentError(`Expected chaos, or some of ${chaosKinds.join(", ")}, separated by commas.`);
    return kind;
  });
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

function parseNumbers(text: string): readonly number[] {
  return text.split(",").map(wholeNumber(1, 1_000));
}

function parseDuration(text: string): Duration {
  try {
    durationMs(text as Duration, "duration");
    return text as Duration;
  } catch {
    throw new InvalidArgumentError('Expected a duration such as "50ms", "1s" or "1m".');
  }
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

const examples = `
Examples:
  millrace simulate traffic.job.ts --seeds 1000
  millrace simulate traffic.job.ts --faults threads,process --time-budget 1m
  millrace simulate traffic.job.ts --seed 17 --seeds 1 --history history.txt
  millrace simulate traffic.job.ts --replay history.txt

The output of each seed is compared, event by event, with that of a run without faults: the job needs a collect sink,
and results that do not depend on the order in which streams meet.

Exit codes:
  ${exitCodes.done}  what the guarantee promises held under every seed; the history is the same
  ${exitCodes.failed}  it did not under some, which are printed with how to run them again; the history differs
  ${exitCodes.usage}  wrong usage or bad input, or the job fails when nothing goes wrong`;
