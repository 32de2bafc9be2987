/** The arguments of `npm run nexmark`: text in, options or a reason out. Nothing is printed and no process ends here. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type Guarantee, MillraceError } from "../../jobs/index.ts";
import { benchStream } from "./expected.ts";
import type { StreamSettings } from "./generator/event-stream.ts";
import { queries } from "./queries/queries.ts";
import type { Query } from "./queries/query.ts";

export class UsageError extends MillraceError {
  readonly code = "ERR_NEXMARK_USAGE";
}

export interface NexmarkOptions {
  readonly kind: "check" | "bench" | "generator";
  readonly queries: readonly Query[];
  readonly stream: StreamSettings;
  readonly threads: number;
  readonly guarantee: Guarantee;
  readonly faults: number;
  readonly rounds: number;
  readonly processes: number;
  readonly jsonPath: string | undefined;
}

export type ParsedArguments =
  | { readonly kind: "run"; readonly options: NexmarkOptions }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "invalid"; readonly error: UsageError };

/** What commander makes of the arguments. */
interface Given {
  readonly query?: readonly Query[];
  readonly events?: number;
  readonly rate?: number;
  readonly outOfOrder?: number;
  readonly threads?: number;
  readonly guarantee?: Guarantee;
  readonly faults: number;
  readonly rounds: number;
  readonly processes: number;
  readonly json?: string;
  readonly bench?: true;
  readonly generator?: true;
}

const guarantees: readonly Guarantee[] = ["exactly-once", "at-least-once", "at-most-once"];
/** They are held in memory. */
const eventsMax = 5_000_000;
/** A delay of a whole microsecond. */
const rateMax = 1_000_000;
const threadsMax = 64;
const checkDefaults = { events: 20_000, rate: 200, threads: 2, guarantee: "exactly-once" } as const;
const benchDefaults = { ...benchStream, threads: 0, guarantee: "at-most-once" } as const;

/** `given`: what follows the script's name on the command line. */
export function parseArguments(given: readonly string[]): ParsedArguments {
  let help = "";
  const command = nexmarkCommand().exitOverride();
  command.configureHelp({ helpWidth: 110 }).configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} });
  try {
    command.parse(given, { from: "user" });
    return { kind: "run", options: optionsOf(command.opts<Given>()) };
  } catch (error) {
    if (error instanceof UsageError) return { kind: "invalid", error };
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "help", text: help };
    return { kind: "invalid", error: new UsageError(error.message.replace(/^error: /, "")) };
  }
}

function optionsOf(given: Given): NexmarkOptions {
  const { query = queries, outOfOrder: outOfOrderGroupSize = 1, faults, rounds, processes, json: jsonPath } = given;
  const kind = given.bench === true ? "bench" : given.generator === true ? "generator" : "check";
  const defaults = kind === "bench" ? benchDefaults : checkDefaults;
  const { events, rate, threads, guarantee } = { ...defaults, ...given };
  if (given.bench === true && given.generator === true) throw new UsageError("--bench and --generator are two things");
  if (kind === "bench" && (faults > 0 || outOfOrderGroupSize > 1)) {
    throw new UsageError("--bench measures without faults and in order: leave out --faults and --out-of-order");
  }
  if (kind !== "bench" && jsonPath !== undefined) throw new UsageError("--json is for --bench");
  if (faults > 0 && threads === 0) throw new UsageError("--faults needs worker threads to strike: --threads 1 or more");
  if (faults > 0 && guarantee !== "exactly-once") {
    throw new UsageError(
      `--faults with ${guarantee} may change the rows, so there is nothing to check: --guarantee exactly-once`,
    );
  }
  return {
    kind,
    queries: query,
    stream: { events, rate, outOfOrderGroupSize },
    threads,
    guarantee,
    faults,
    rounds,
    processes,
    jsonPath,
  };
}

function nexmarkCommand(): Command {
  return new Command("npm run nexmark --")
    .description(
      "Runs the queries of NEXMark and compares their rows with those of plain loops, and of 20,000 events with those that others have found.",
    )
    .option("--query <list>", "queries, separated by commas (default: all)", queriesOf)
    .option(
      "--events <number>",
      "events of the stream (default: 20000, with --bench 1000000; q23 is measured with 300000 at most)",
      wholeNumber(1, eventsMax),
    )
    .option(
      "--rate <number>",
      "events per second of event time (default: 200, with --bench 10000)",
      wholeNumber(1, rateMax),
    )
    .option(
      "--threads <number>",
      "worker threads; 0 for the calling one (default: 2, with --bench 0)",
      wholeNumber(0, threadsMax),
    )
    .addOption(
      new Option(
        "--guarantee <what>",
        "what the run promises (default: exactly-once, with --bench at-most-once)",
      ).choices(guarantees),
    )
    .option("--out-of-order <number>", "shuffle the events within groups of so many", wholeNumber(1, eventsMax))
    .option(
      "--faults <number>",
      "let operators throw, threads end and, last, the process die",
      wholeNumber(0, 1_000),
      0,
    )
    .option("--bench", "measure each query beside its loop, in a process of its own")
    .option(
      "--rounds <number>",
      "counted rounds of --bench, behind those in which code is compiled",
      wholeNumber(1, 100),
      5,
    )
    .option(
      "--processes <number>",
      "processes that --bench measures each query in: by what is compiled how, loops differ by up to a half",
      wholeNumber(1, 100),
      1,
    )
    .option("--json <file>", "also write what --bench has measured to this file")
    .option("--generator", "check the streams of the generator instead, and how fast it makes them")
    .allowExcessArguments(false)
    .addHelpText("after", `\nQueries:\n${queries.map(({ name, title }) => `  ${name.padEnd(9)}  ${title}`).join("\n")}`)
    .addHelpText(
      "after",
      "\nExit code: 0 all rows are right, 1 some are not or a job failed, 2 the arguments are wrong.",
    );
}

function queriesOf(text: string): Query[] {
  return text.split(",").map((part) => {
    const query = queries.find(({ name }) => name === part.trim());
    if (query !== undefined) return query;
    throw new InvalidArgumentError(
      `There is no query "${part}"; there are ${queries.map(({ name }) => name).join(", ")}.`,
    );
  });
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}, got "${text}".`);
  };
}
