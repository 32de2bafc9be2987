/**
 * The jobs of the book on the command line: `node launch.mjs examples/book/main.ts --help`.
 *
 * Exit code: 0 the job was drained, 1 it failed, 2 the arguments are wrong, 130 it was cancelled.
 */

import { Argument, Command, InvalidArgumentError } from "commander";
import { bookJobs } from "./book-jobs.ts";
import { freePorts } from "./demo-feed.ts";
import { runBookJob } from "./run-book-job.ts";

interface MainOptions {
  readonly threads: number;
  readonly port: number;
  readonly demo: boolean;
}

const program = new Command("examples/book/main.ts")
  .description('Runs a job of the book "Grokking Streaming Systems".')
  .addArgument(new Argument("<job>", "one of the jobs below"))
  .option("--threads <number>", "worker threads; with 0 everything runs on the main thread", wholeNumber(0, 256), 0)
  .option("--port <number>", "the port to listen on, and the next one for jobs with two", wholeNumber(1, 65_534), 9990)
  .option("--demo", "type some lines into free ports, then end", false)
  .addHelpText("after", jobsHelp())
  .showHelpAfterError("--help lists the jobs and options")
  .exitOverride();

// Whoever reads the output may stop reading: `| head`.
process.stdout.on("error", () => process.exit());

try {
  await program.action(run).parseAsync();
} catch (error) {
  const { exitCode } = error as { exitCode?: number };
  // Help ends in an error of commander's, too.
  process.exitCode = exitCode === 0 ? 0 : exitCode === undefined ? 1 : 2;
  if (exitCode === undefined) process.stderr.write(`error ${described(error)}\n`);
}

async function run(name: string, { threads, port, demo }: MainOptions): Promise<void> {
  const job = bookJobs.find((each) => each.name === name);
  if (job === undefined) {
    program.error(`error ERR_EXAMPLE_JOB_UNKNOWN: there is no job "${name}"`);
    return;
  }
  const ports = demo ? await freePorts(job.portCount) : [port, port + 1].slice(0, job.portCount);
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const report = await runBookJob(job, { threads, ports, demo, print, onSignal });
  if (report.status === "cancelled") process.exitCode = 130;
}

function onSignal(listener: () => void): () => void {
  process.on("SIGINT", listener).on("SIGTERM", listener);
  return () => process.off("SIGINT", listener).off("SIGTERM", listener);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

function jobsHelp(): string {
  const width = Math.max(...bookJobs.map(({ name }) => name.length));
  const lines = bookJobs.map(
    ({ name, chapter, summary }) => `  ${name.padEnd(width)}  ${summary} (chapter ${chapter})`,
  );
  return `\nJobs:\n${lines.join("\n")}`;
}

/** Errors of millrace have a code and say what happened. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.code}: ${error.message}` : (error.stack ?? error.message);
}
