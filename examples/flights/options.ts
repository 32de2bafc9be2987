/** The arguments of the main job: text in, options or a reason out. Nothing is printed and no process ends here. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type Guarantee, MillraceError } from "../../jobs/index.ts";
import { type AirportOrder, airportOrders } from "./airport-totals.ts";
import { type FaultKind, faultKinds } from "./injected-fault.ts";

export class UsageError extends MillraceError {
  readonly code = "ERR_FLIGHTS_USAGE";
}

export interface FlightsOptions {
  readonly threads: number;
  readonly top: number;
  readonly sort: AirportOrder;
  readonly guarantee: Guarantee;
  readonly crash?: FaultKind;
  readonly storage?: string;
  readonly live?: boolean;
  readonly json?: boolean;
}

export type ParsedArguments =
  | { readonly kind: "run"; readonly options: FlightsOptions }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "invalid"; readonly message: string };

const guarantees: readonly Guarantee[] = ["exactly-once", "at-least-once", "at-most-once"];
const threadsMax = 256;
const topMax = 1_000;

/** `given`: what follows the script's name on the command line. */
export function parseArguments(given: readonly string[], threadsDefault: number): ParsedArguments {
  let help = "";
  const command = flightsCommand(threadsDefault)
    .exitOverride()
    .configureHelp({ helpWidth: 100 })
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} });
  try {
    command.parse(given, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "help", text: help };
    return { kind: "invalid", message: error.message.replace(/^error: /, "") };
  }
  const options = command.opts<FlightsOptions>();
  if (options.crash === "thread" && options.threads === 0) {
    return { kind: "invalid", message: "--crash thread needs a worker thread to crash: --threads 1 or more" };
  }
  if (options.guarantee === "at-most-once" && (options.storage !== undefined || options.crash === "process")) {
    const option = options.storage === undefined ? "--crash process" : "--storage";
    return { kind: "invalid", message: `${option} needs checkpoints to go on from: --guarantee exactly-once` };
  }
  return { kind: "run", options };
}

function flightsCommand(threadsDefault: number): Command {
  return new Command("npm start --")
    .description(
      "Reads 3,000,000 flights within the United States, January to June 2001, and adds up flights and delays " +
        "per airport, on all cores: on each thread one actor reads and one counts.",
    )
    .addOption(
      new Option("--threads <number>", "worker threads; 0 runs everything on the main thread")
        .argParser(wholeNumber(0, threadsMax))
        .default(threadsDefault, `${threadsDefault}, one per core`),
    )
    .option("--top <number>", "how many airports to show", wholeNumber(1, topMax), 15)
    .addOption(
      new Option("--sort <measure>", "which airports come first: most flights, longest mean or worst delay, most late")
        .choices(airportOrders)
        .default("flights"),
    )
    .addOption(
      new Option("--guarantee <what>", "what a failure may do to the result: nothing, count flights again, lose them")
        .choices(guarantees)
        .default("exactly-once"),
    )
    .addOption(
      new Option(
        "--crash <what>",
        "half-way, throw an error in a counting actor, end its whole thread, or kill the process of the job",
      ).choices(faultKinds),
    )
    .option(
      "--storage <directory>",
      "keep checkpoints there, and run in a process of its own, which is replaced when it dies; started again with the " +
        "same directory the job goes on",
    )
    .option("--live", "ask the counting actors for the busiest airports while they count")
    .option("--json", "print the result as JSON")
    .allowExcessArguments(false)
    .addHelpText("after", examples);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

const examples = `
Examples:
  npm start
  npm start -- --sort late --top 5
  npm start -- --threads 1              compare with the default
  npm start -- --live                   query the actors while they work
  npm start -- --crash operator         an actor fails and is restarted; the table is the same
  npm start -- --crash thread           a thread dies and is replaced; the table is the same
  npm start -- --crash process          the whole process is killed, another goes on; the table is the same
  npm start -- --storage ./data         end it as you like (kill -9), start it again, and it goes on
  npm start -- --crash thread --guarantee at-most-once    what was lost with it is missing, and is said to be
  npm start -- --json | jq '.airports[0]'

Ctrl-C stops reading and shows what was counted so far; with --storage it stops at a checkpoint, and the same command goes on
from there. A second Ctrl-C ends at once.

Exit codes:
  0    done, or stopped by Ctrl-C
  1    the job failed
  2    wrong arguments, or the data is not there; nothing was started
  130  ended by a second Ctrl-C`;
