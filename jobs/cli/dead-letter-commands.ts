/** DeadLetterCommands: how `millrace dead-letters` is called. */

import { type Command, InvalidArgumentError } from "commander";
import type { StorageCommandOptions } from "./checkpoints-command.ts";
import type { CliContext } from "./cli-context.ts";
import {
  deleteDeadLetters,
  type LetterListOptions,
  type LetterWishOptions,
  listDeadLetters,
  resubmitDeadLetters,
  showDeadLetter,
} from "./dead-letters-command.ts";
import type { ExitCode } from "./exit-codes.ts";
import { storageCommand } from "./storage-commands.ts";

export function addDeadLetterCommands(program: Command, context: CliContext, exit: (code: ExitCode) => void): void {
  const letters = program
    .command("dead-letters")
    .description("The events that a job gave up: list, show, resubmit and delete them, also while it runs.")
    .addHelpText("after", examples);

  storageCommand(letters.command("list"))
    .description("What was given up, where, and why; the newest last.")
    .argument("<job>", "the name of the job")
    .option("--operator <name>", "of this operator only")
    .option("--limit <number>", "letters printed, the newest", parseCount, 100)
    .action((job: string, options: LetterListOptions) => exit(listDeadLetters(job, options, context)));

  storageCommand(letters.command("show"))
    .description("One dead letter in full.")
    .argument("<job>", "the name of the job")
    .argument("<id>", "its id, or the beginning of it")
    .action((job: string, id: string, options: StorageCommandOptions) =>
      exit(showDeadLetter(job, id, options, context)),
    );

  wishCommand(letters.command("resubmit"))
    .description(
      "Give events to their operators again: with the next checkpoint of a job that runs, or when it is run next.",
    )
    .action((job: string, ids: readonly string[], options: LetterWishOptions) =>
      exit(resubmitDeadLetters(job, ids, options, context)),
    );

  wishCommand(letters.command("delete"))
    .description("Forget dead letters.")
    .action((job: string, ids: readonly string[], options: LetterWishOptions) =>
      exit(deleteDeadLetters(job, ids, options, context)),
    );
}

function wishCommand(command: Command): Command {
  return storageCommand(command)
    .argument("<job>", "the name of the job")
    .argument("[ids...]", "of dead letters, or the beginnings of them")
    .option("--all", "all of the job")
    .option("--operator <name>", "all of this operator");
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1.");
}

const examples = `
Examples:
  millrace dead-letters list traffic --storage ./data
  millrace dead-letters show traffic V1StGXR8 --storage ./data
  millrace dead-letters resubmit traffic --operator parse --storage ./data`;
