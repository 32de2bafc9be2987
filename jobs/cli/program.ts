/**
 * Program: the command line: its commands, options and help. Returns an exit code and ends no process, so that tests can
 * call it.
 */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type Duration, durationMs, hostCountMax } from "../../runtime/index.ts";
import { guarantees } from "../epochs/guarantee.ts";
import { explainFormats } from "../explain.ts";
import { packageVersion } from "../package-version.ts";
import { onDamageChoices } from "../store/storage-options.ts";
import type { CliContext } from "./cli-context.ts";
import { addDeadLetterCommands } from "./dead-letter-commands.ts";
import { type ExitCode, exitCodes, refusalExitCode } from "./exit-codes.ts";
import { type GraphCommandOptions, graphCommand } from "./graph-command.ts";
import { parseRestarts } from "./parse-restarts.ts";
import { printError } from "./print-error.ts";
import { runCommand } from "./run-command.ts";
import type { RunCommandOptions } from "./run-options.ts";
import { addSimulateCommand } from "./simulate-options.ts";
import { addStorageCommands } from "./storage-commands.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Runs the command line with its arguments (without the names of node and the script); resolves to the exit code.
 *
 * @param threadsDefault how many worker threads there are unless `--threads` says
 */
export async function runProgram(
  given: readonly string[],
  context: CliContext,
  threadsDefault: number,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = createProgram(context, threadsDefault, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...given], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return commanderExit(error, called(program, given), context);
    context.stderr.write(printError(error, { verbose: given.includes("--verbose") }));
    return refusalExitCode(error);
  }
}

function createProgram(context: CliContext, threadsDefault: number, exit: (code: ExitCode) => void): Command {
  const program = new Command("millrace")
    .description("Runs and explains stream-processing jobs.")
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Errors are printed by commanderExit, in the form of all errors.
      outputError: () => undefined,
    })
    .configureHelp({ helpWidth: context.stdout.columns || 100 })
    .addHelpText("after", examples);

  jobCommand(program.command("graph"), threadsDefault)
    .description("Print the graph of a job, its chains, and the threads they would run on. Starts nothing.")
    .addOption(new Option("--format <format>", "how to print it").choices(explainFormats).default("text"))
    .addHelpText("after", graphExamples)
    .action(async (file: string, options: GraphCommandOptions) => exit(await graphCommand(file, options, context)));

  addRunCommand(program, context, threadsDefault, exit);
  addSimulateCommand(program, context, exit);
  addStorageCommands(program, context, exit);
  addDeadLetterCommands(program, context, exit);
  return program;
}

function addRunCommand(
  program: Command,
  context: CliContext,
  threadsDefault: number,
  exit: (code: ExitCode) => void,
): void {
  jobCommand(program.command("run"), threadsDefault)
    .description(
      "Run a job until it has completed. The first Ctrl-C drains it, with --storage stops it at a checkpoint that the same command goes on from; the second cancels it.",
    )
    .addOption(
      new Option(
        "--guarantee <what>",
        "what becomes of events when something fails (default: at-most-once; exactly-once with --storage)",
      ).choices(guarantees),
    )
    .option("--epoch-interval <duration>", 'time between checkpoints (default: "200ms")', parseDuration)
    .option(
      "--epoch-timeout <duration>",
      'a checkpoint that nothing moves for so long is given up (default: "2m")',
      parseDuration,
    )
    .option(
      "--storage <directory>",
      "keep checkpoints there, and go on from the last one: in a process of its own, that is replaced when it dies",
    )
    .option("--from <savepoint>", "with --storage: begin from a savepoint, by its name or the path of its file")
    .option(
      "--allow-dropped <operator>",
      "with --storage: what is stored of it may be left behind; may be repeated",
      collect,
    )
    .addOption(
      new Option(
        "--on-damage <what>",
        "with --storage, when the last checkpoint is damaged: refuse to start, or fall-back on the newest copy",
      ).choices(onDamageChoices),
    )
    .option(
      "--restarts <number/duration>",
      'how often that process may be replaced within which time (default: "10/10m")',
      parseRestarts,
    )
    .option("--no-standby", "with --storage: keep no process standing by for one that dies")
    .option("--in-process", "with --storage: run the job in this process, and end when it does")
    .option("--quiet", "do not show how it is doing")
    .addHelpText("after", runExamples)
    .action(async (file: string, options: RunCommandOptions) => exit(await runCommand(file, options, context)));
}

function jobCommand(command: Command, threadsDefault: number): Command {
  return command
    .argument("<job file>", "a module with a job as its default export, such as traffic.job.ts")
    .option("--threads <number>", "worker threads; 0 runs everything on the main thread", parseThreads, threadsDefault)
    .option("--param <name=value>", "a param of the job; numbers, true, false, null and JSON are recognised", collect)
    .option("--job <name>", "which job, where the module exports several")
    .option("--verbose", "print the stacks of errors");
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function parseThreads(text: string): number {
  const threads = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (threads >= 0 && threads <= hostCountMax) return threads;
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${hostCountMax}.`);
}

function parseDuration(text: string): Duration {
  try {
    durationMs(text as Duration, "--epoch-interval");
    return text as Duration;
  } catch {
    throw new InvalidArgumentError('Expected a duration such as "50ms", "1s" or "1m".');
  }
}

/** The command that is meant, with those that it belongs to: `millrace checkpoints show`. */
function called(program: Command, given: readonly string[]): string {
  const names = [program.name()];
  let command: Command | undefined = program;
  for (const word of given) {
    command = command.commands.find((each) => each.name() === word);
    if (command === undefined) break;
    names.push(word);
  }
  return names.join(" ");
}

/** Help and version end in an error of commander's too; everything else of it is wrong usage. */
function commanderExit(error: CommanderError, command: string, context: CliContext): ExitCode {
  if (error.exitCode === 0) return exitCodes.done;
  if (error.code === "commander.help") return exitCodes.usage; // no command was given: the help has been printed
  const problem = error.message.replace(/^error: /, "");
  context.stderr.write(
    printError(new UsageError(`${problem}\n${command} --help says what is possible`), { verbose: false }),
  );
  return exitCodes.usage;
}

const examples = `
Examples:
  millrace graph traffic.job.ts
  millrace run traffic.job.ts --threads 4 --param port=9990

Exit codes:
  ${exitCodes.done}    the job completed, or was drained or stopped by Ctrl-C
  ${exitCodes.failed}    the job failed; something stored is damaged, or is not there
  ${exitCodes.usage}    wrong usage or bad input, such as a --storage that cannot be used; nothing was started
  ${exitCodes.processLost}    the process of the job died more often than --restarts allows
  ${exitCodes.cancelled}  the job was cancelled by a second Ctrl-C`;

const graphExamples = `
Examples:
  millrace graph traffic.job.ts --threads 4
  millrace graph traffic.job.ts --param lanes=2 --format mermaid > traffic.mmd
  millrace graph traffic.job.ts --format json | jq .chains`;

const runExamples = `
Examples:
  millrace run traffic.job.ts
  millrace run traffic.job.ts --threads 0 --param 'path="./2024.csv"' --param limit=1000
  millrace run traffic.job.ts --guarantee exactly-once --epoch-interval 1s
  millrace run traffic.job.ts --storage ./data --restarts 5/1h
  millrace run traffic.job.ts --param 'cities=["Ulm","Bonn"]'`;
