/** RunBookJob: starts a job, shows what comes out of it, and ends it: by a signal, or when its demonstration is over. */

import { ActorSystem, type JobRun, type RunReport } from "../../jobs/index.ts";
import type { BookJob } from "./book-jobs.ts";
import { DemoFeed } from "./demo-feed.ts";

export interface RunBookJobOptions {
  readonly threads: number;
  readonly ports: readonly number[];
  /** Types the job's demo lines, then drains. */
  readonly demo: boolean;
  readonly print: (line: string) => void;
  /** Calls `listener` at each signal to end; returns what ends that. */
  readonly onSignal: (listener: () => void) => () => void;
}

/** Resolves to the last report of the run. Rejects with ERR_JOB_FAILED, for one when a port is in use. */
export async function runBookJob(job: BookJob, options: RunBookJobOptions): Promise<RunReport> {
  const { threads, ports, demo, print } = options;
  await using system = await ActorSystem.start({ threads });
  await using run = await job.start(system, ports);
  await run.started;
  const ignoreSignals = options.onSignal(endOnSignals(run, print));
  printIntroduction(job, options, await run.report());

  const view = job.createView();
  const answers = new Answers();
  system.deadLetters.subscribe(({ to, error }) => {
    const [operator, instance] = to.split("/").slice(-2);
    print(`${operator} ${instance} refused a line: ${error.message}`);
    answers.add(job.updatesPerLine);
  });
  const shown = (async () => {
    for await (const update of run.output("updates")) {
      print(view.line(update));
      answers.add(1);
    }
  })();
  if (demo) await demonstrate(job, run, ports, answers);
  const report = await run.completed;
  await shown;
  ignoreSignals();
  print("");
  for (const line of view.totals()) print(line);
  print("");
  for (const line of reportTable(report)) print(line);
  return report;
}

async function demonstrate(job: BookJob, run: JobRun, ports: readonly number[], answers: Answers): Promise<void> {
  const feed = await DemoFeed.connect(ports);
  await feed.type(job.demo, () => answers.next(job.updatesPerLine));
  await run.drain();
  feed.close();
}

/** The first signal drains the job, the second cancels it. */
function endOnSignals(run: JobRun, print: (line: string) => void): () => void {
  let count = 0;
  return () => {
    count += 1;
    print(count === 1 ? "draining; once more to cancel" : "cancelling");
    // How the run ends is told by `completed`.
    (count === 1 ? run.drain() : run.cancel()).catch(() => undefined);
  };
}

/** Counts what came back for lines typed. */
class Answers {
  #waiting: { missing: number; readonly resolve: () => void } | undefined;

  /** Resolves when `count` answers have come from now on. */
  next(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { missing: count, resolve };
    return promise;
  }

  add(count: number): void {
    if (this.#waiting === undefined) return;
    this.#waiting.missing -= count;
    if (this.#waiting.missing <= 0) this.#waiting.resolve();
  }
}

function printIntroduction(job: BookJob, { ports, demo, print }: RunBookJobOptions, report: RunReport): void {
  print(`${job.name} (chapter ${job.chapter}): ${job.summary}`);
  print("");
  for (const [thread, instances] of instancesByThread(report)) print(`${thread}: ${instances.join(", ")}`);
  print("");
  if (demo) {
    print(`Input: ${job.input}. The demonstration types some.`);
  } else {
    print(`Type ${job.input}, in ${ports.length === 1 ? "another terminal" : "two other terminals"}:`);
    for (const port of ports) print(`  nc localhost ${port}`);
    print("Ctrl-C ends the job.");
  }
  print("");
}

/** Names and numbers of instances, main thread first. */
function instancesByThread({ operators }: RunReport): [string, string[]][] {
  const all = operators.flatMap(({ name, instances }) => instances.map((instance) => ({ name, ...instance })));
  all.sort((left, right) => left.host - right.host);
  const byThread = Map.groupBy(all, ({ host, threadId }) => threadName(host, threadId));
  return [...byThread].map(([thread, each]) => [thread, each.map(({ name, instance }) => `${name} ${instance}`)]);
}

function threadName(host: number, threadId: number): string {
  return host === 0 ? "main thread" : `worker ${host} (thread ${threadId})`;
}

function reportTable({ operators }: RunReport): string[] {
  const rows = operators.flatMap(({ name, instances }) =>
    instances.map((each) => [
      `${name} ${each.instance}`,
      threadName(each.host, each.threadId),
      `${each.in}`,
      `${each.out}`,
      `${each.deadLetters}`,
    ]),
  );
  const table = [["operator", "ran on", "in", "out", "refused"], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}
