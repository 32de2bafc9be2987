/** The arguments of the bench: text in, options or a reason out. Nothing is printed and no process ends here. */

import { Command, CommanderError, InvalidArgumentError } from "commander";
import { registry } from "./registry.ts";
import { type WorkloadId, workloadIds, workloads } from "./workloads.ts";

export interface BenchOptions {
  readonly workloads: readonly WorkloadId[];
  /** Undefined: all of them. The reference always takes part, since ratios need it. */
  readonly contenders: readonly string[] | undefined;
  readonly rounds: number;
  readonly events: number;
  readonly jsonPath: string | undefined;
  /** Whether contenders take part that need much memory. */
  readonly large: boolean;
}

export type ParsedArguments =
  | { readonly kind: "run"; readonly options: BenchOptions }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "invalid"; readonly message: string };

const roundsMax = 1000;
const eventsMax = 1_000_000_000;
const contenderNames = [...new Set(registry.map((entry) => entry.name))];

/** `userArguments`: what follows the script's name on the command line. */
export function parseArguments(userArguments: readonly string[]): ParsedArguments {
  let output = "";
  const command = benchCommand().exitOverride();
  command.configureOutput({ writeOut: (text) => (output += text), writeErr: () => {} });
  try {
    command.parse(userArguments, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "help", text: output.trimEnd() };
    return { kind: "invalid", message: error.message.replace(/^error: /, "") };
  }
  const given = command.opts<{
    workload?: WorkloadId[];
    contender?: string[];
    rounds: number;
    events: number;
    json?: string;
    large?: true;
  }>();
  const { workload = [...workloadIds], contender, rounds, events, json, large = false } = given;
  const options = { workloads: workload, contenders: contender, rounds, events, jsonPath: json, large };
  return { kind: "run", options };
}

function benchCommand(): Command {
  return new Command("npm run bench --")
    .description("Measures millrace and its peers side by side, in interleaved rounds.")
    .option("--workload <list>", "workloads, separated by commas (default: all)", oneOrMoreOf(workloadIds))
    .option("--contender <list>", "contenders, separated by commas (default: all)", oneOrMoreOf(contenderNames))
    .option("--rounds <number>", "counted rounds; one warm-up round precedes them", wholeNumberUpTo(roundsMax), 5)
    .option("--events <number>", "events per round", wholeNumberUpTo(eventsMax), 2_000_000)
    .option("--json <file>", "also write machine, rows and every round to this file")
    .option("--large", "also those that take gigabytes of memory: 10 million keys")
    .allowExcessArguments(false)
    .addHelpText(
      "after",
      `\nWorkloads:\n${workloadIds.map((id) => `  ${id.padEnd(10)}  ${workloads[id].title}`).join("\n")}`,
    )
    .addHelpText("after", `\nContenders:\n  ${contenderNames.join(", ")}`)
    .addHelpText(
      "after",
      "\nExit code: 0 done, 1 a contender failed or gave a wrong result, 2 the arguments are wrong.",
    );
}

/** A list of allowed values in the order they are defined, each at most once. */
function oneOrMoreOf<Value extends string>(allowed: readonly Value[]): (text: string) => Value[] {
  return (text) => {
    const wanted = text.split(",").map((part) => part.trim());
    const unknown = wanted.find((part) => !allowed.some((value) => value === part));
    if (unknown !== undefined) {
      throw new InvalidArgumentError(`Expected one or more of ${allowed.join(", ")}, got "${unknown}".`);
    }
    return allowed.filter((value) => wanted.includes(value));
  };
}

function wholeNumberUpTo(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
    if (value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${max}, got "${text}".`);
  };
}
