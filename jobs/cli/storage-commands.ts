/** StorageCommands: how `millrace checkpoints` and `millrace state` are called. */

import { type Command, InvalidArgumentError } from "commander";
import {
  type DeleteOptions,
  deleteCheckpoints,
  diffCheckpoints,
  listCheckpoints,
  restoreCheckpoint,
  type StorageCommandOptions,
  showCheckpoint,
  verifyCheckpoints,
} from "./checkpoints-command.ts";
import type { CliContext } from "./cli-context.ts";
import type { ExitCode } from "./exit-codes.ts";
import { listSavepoints, type TakeOptions, takeSavepoint } from "./savepoints-command.ts";
import { getState, type StateCommandOptions } from "./state-command.ts";

type Options<More = unknown> = StorageCommandOptions & More;

type Exit = (code: ExitCode) => void;

export function addStorageCommands(program: Command, context: CliContext, exit: Exit): void {
  addCheckpointCommands(program, context, exit);
  addSavepointCommands(program, context, exit);
  addStateCommands(program, context, exit);
}

function addCheckpointCommands(program: Command, context: CliContext, exit: Exit): void {
  const checkpoints = program
    .command("checkpoints")
    .description("List, show, verify and compare what is stored of jobs, also while they run; go back to a copy.")
    .addHelpText("after", checkpointExamples);

  storageCommand(checkpoints.command("list"))
    .description("The jobs that are stored: their last checkpoints, sizes, copies, and who uses them.")
    .action((options: Options) => exit(listCheckpoints(options, context)));

  storageCommand(checkpoints.command("show"))
    .description("The last checkpoint of a job, or that of a copy: its operators, their keys and bytes.")
    .argument("<job>", "the name of the job")
    .option("--epoch <epoch>", "of a copy", parseEpoch)
    .action((job: string, options: Options<{ epoch?: number }>) => exit(showCheckpoint(job, options, context)));

  storageCommand(checkpoints.command("verify"))
    .description("Read every record of a job, or of all jobs, and of their copies. Exit code 1 when one is damaged.")
    .argument("[job]", "the name of the job")
    .action((job: string | undefined, options: Options) => exit(verifyCheckpoints(job, options, context)));

  storageCommand(checkpoints.command("diff"))
    .description("What state differs between the checkpoint of a copy and another one.")
    .argument("<job>", "the name of the job")
    .argument("<from>", "the epoch of a copy", parseEpoch)
    .argument("[to]", "the epoch of another one; without it, the last checkpoint", parseEpoch)
    .option("--keys", "print every key that differs, with its values")
    .action((job: string, from: number, to: number | undefined, options: Options<{ keys?: boolean }>) =>
      exit(diffCheckpoints(job, from, to, options, context)),
    );

  storageCommand(checkpoints.command("restore"))
    .description("Go back to the checkpoint of a copy, while no run uses the storage. What was there is put aside.")
    .argument("<job>", "the name of the job")
    .argument("<epoch>", "the epoch of the copy", parseEpoch)
    .action((job: string, epoch: number, options: Options) => exit(restoreCheckpoint(job, epoch, options, context)));

  storageCommand(checkpoints.command("delete"))
    .description("Delete the checkpoint of a job and its copies, while no run uses it; or one of its savepoints.")
    .argument("<job>", "the name of the job")
    .option("--yes", "do it; without, only say what would be deleted")
    .option("--savepoint <name>", "delete this savepoint and nothing else, also while the job runs")
    .action((job: string, options: DeleteOptions) => exit(deleteCheckpoints(job, options, context)));
}

function addSavepointCommands(program: Command, context: CliContext, exit: Exit): void {
  const savepoints = program
    .command("savepoints")
    .description("Have a savepoint taken by the run of a job, while it goes on; list those there are.");

  storageCommand(savepoints.command("take"))
    .description("Keep a checkpoint of now under a name, to begin from by `millrace run --from`. The job has to run.")
    .argument("<job>", "the name of the job")
    .argument("<name>", "the name of the savepoint")
    .option("--timeout <duration>", "how long the run may take for it", "1m")
    .action(async (job: string, name: string, options: TakeOptions) =>
      exit(await takeSavepoint(job, name, options, context)),
    );

  storageCommand(savepoints.command("list"))
    .description("The savepoints of a job: their epochs, ages and sizes.")
    .argument("<job>", "the name of the job")
    .action((job: string, options: Options) => exit(listSavepoints(job, options, context)));
}

function addStateCommands(program: Command, context: CliContext, exit: Exit): void {
  const state = program.command("state").description("Read the state of operators in a checkpoint.");

  storageCommand(state.command("get"))
    .description("What an operator keeps: all of it, or of one key. Exit code 1 when there is no such key.")
    .argument("<job>", "the name of the job")
    .argument("<operator>", "the name of the operator")
    .argument("[key]", "as text: ulm, 7")
    .option("--epoch <epoch>", "of a copy, instead of the last checkpoint", parseEpoch)
    .option("--limit <number>", "keys printed", parseEpoch, 100)
    .action((job: string, operator: string, key: string | undefined, options: StateCommandOptions) =>
      exit(getState(job, operator, key, options, context)),
    );
}

/** A command about what is stored. */
export function storageCommand(command: Command): Command {
  return command
    .option("--storage <directory>", "where the checkpoints are", "./data")
    .option("--json", "print JSON")
    .option("--verbose", "print the stacks of errors");
}

function parseEpoch(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number.");
}

const checkpointExamples = `
Examples:
  millrace checkpoints list --storage ./data
  millrace checkpoints show traffic --storage ./data
  millrace checkpoints diff traffic 1500 --keys --storage ./data
  millrace state get traffic per-minute ulm --storage ./data`;
