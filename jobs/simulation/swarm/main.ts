/**
 * The swarm: `npm run simulate -- --help`. Exit code: 0 everything held, 1 a promise was broken or a fault of the catalogue
 * never recovered from, 2 the arguments are wrong.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { SystemClock } from "../../../runtime/index.ts";
import { type Guarantee, guarantees } from "../../epochs/guarantee.ts";
import { drawPlan, swarmEventsMin } from "./draw-plan.ts";
import { swarmFaultsMin } from "./draw-remainder.ts";
import { runSwarm } from "./run-swarm.ts";
import { shrinkPlan } from "./shrink-plan.ts";
import type { SwarmPlan } from "./swarm-plan.ts";
import { swarmSeed } from "./swarm-seed.ts";
import { type SeedSummary, SwarmTally, summaryOf } from "./swarm-tally.ts";
import { wholeNumber } from "./whole-number.ts";

interface Options {
  readonly seeds: number;
  readonly seconds?: number;
  readonly first?: number;
  readonly seed?: number;
  readonly guarantee?: Guarantee;
  readonly workers: number;
  readonly history?: string;
  readonly shrinkRuns: number;
}

const keptPlansFile = new URL("kept-plans.json", import.meta.url);
const clock = new SystemClock();
const secondsDefault = 30;
const progressMs = 10_000;
/** Failures that are told in full. */
const shownMax = 3;
const easyShownMax = 10;
const command = new Command("npm run simulate --")
  .description(
    "Runs jobs drawn from seeds under faults drawn from the same seeds, in virtual time, and looks at the results.",
  )
  .option("--seeds <number>", "how many seeds to run, at most", wholeNumber(1), 1_000_000_000)
  .option(
    "--seconds <number>",
    "start no further seed after so long; 30 when neither this nor --seeds is given",
    wholeNumber(1),
  )
  .option("--first <number>", "the first seed; drawn from the wall clock when absent", wholeNumber(0))
  .option("--seed <number>", "runs this seed alone, and prints its plan", wholeNumber(0))
  .addOption(new Option("--guarantee <what>", "what is promised; drawn when absent").choices(guarantees))
  .option("--workers <number>", "processes that run seeds", wholeNumber(1), 1)
  .option("--history <file>", "with --seed: write there what happened, a line for each step")
  .option("--shrink-runs <number>", "runs that making a failing plan smaller may take", wholeNumber(0), 300)
  .allowExcessArguments(false)
  .exitOverride();

try {
  command.parse();
  const options = command.opts<Options>();
  if (options.seed === undefined && options.history !== undefined) command.error("error: --history needs --seed");
  if (options.seed === undefined) await many(options);
  else await one(options.seed, options);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(error);
    process.exitCode = 1;
  }
}

async function many(options: Options): Promise<void> {
  const first = options.first ?? Math.floor(clock.wallMs() / 1_000) % 2 ** 31;
  const isBounded = command.getOptionValueSource("seeds") === "cli" || options.seconds !== undefined;
  const seconds = options.seconds ?? (isBounded ? Number.POSITIVE_INFINITY : secondsDefault);
  const kept = await keptPlans();
  console.log(`first seed ${first}, ${options.workers} ${options.workers === 1 ? "process" : "processes"}`);
  const startMs = clock.monotonicMs();
  let toldMs = startMs;
  let failuresTold = 0;
  const tally = await runSwarm(
    {
      first,
      seedCount: options.seeds,
      limitMs: seconds * 1_000,
      workers: options.workers,
      guarantee: options.guarantee,
      onProgress: (so) => {
        // At once: a long run may be ended by hand before its last line.
        for (const summary of so.failed.slice(failuresTold)) console.log(failureOf(summary));
        failuresTold = so.failed.length;
        if (clock.monotonicMs() - toldMs < progressMs) return;
        toldMs = clock.monotonicMs();
        console.log(`${so.seedCount} seeds, ${so.faultCount} faults, ${so.failed.length} failed`);
      },
    },
    clock,
  );
  const elapsed = (clock.monotonicMs() - startMs) / 1_000;
  console.log(reportOf(tally, elapsed, options.workers));
  for (const summary of tally.failed.slice(0, shownMax)) await tellFailure(summary, options);
  const uncovered = tally.uncovered();
  if (uncovered.length > 0) console.log(`never recovered from: ${uncovered.join(", ")}`);
  if (kept > 0 || tally.failed.length > 0 || uncovered.length > 0) process.exitCode = 1;
}

/** Plans that failed once run first for ever; how many fail. */
async function keptPlans(): Promise<number> {
  const plans = JSON.parse(readFileSync(keptPlansFile, "utf8")) as readonly SwarmPlan[];
  const tally = new SwarmTally();
  for (const plan of plans) {
    const result = await swarmSeed(plan.seed, { plan });
    tally.add(summaryOf(result));
    if (result.violations.length > 0) console.log(failureOf(summaryOf(result)));
  }
  console.log(`${plans.length} kept plans, ${tally.failed.length} failed`);
  return tally.failed.length;
}

async function one(seed: number, options: Options): Promise<void> {
  if (options.history !== undefined) writeHistory(options.history, []);
  const result = await swarmSeed(seed, { ...guaranteeOf(options), history: options.history !== undefined });
  console.log(planText(result.plan));
  console.log(`${result.faultCount} faults struck; history ${result.historyHash}, ${result.simulation.steps} steps`);
  if (options.history !== undefined) writeHistory(options.history, result.simulation.history ?? []);
  if (result.violations.length === 0) return console.log("everything held");
  await tellFailure(summaryOf(result), options);
  process.exitCode = 1;
}

function writeHistory(file: string, lines: readonly string[]): void {
  try {
    writeFileSync(file, lines.join("\n"));
  } catch (error) {
    command.error(`error: --history: ${(error as Error).message}`);
  }
}

async function tellFailure(summary: SeedSummary, options: Options): Promise<void> {
  const { seed, violations } = summary;
  console.log(failureOf(summary));
  console.log(
    `  again: npm run simulate -- --seed ${seed}${options.guarantee ? ` --guarantee ${options.guarantee}` : ""}`,
  );
  const broken = violations[0]?.invariant;
  // What throws, or ends its process, would do so here.
  if (summary.events === 0) return;
  // A fault that names a thread which a smaller plan does not have is refused, which is not what was broken.
  const breaks = (plan: SwarmPlan): Promise<boolean> =>
    swarmSeed(seed, { plan }).then(
      (smaller) => smaller.violations.some(({ invariant }) => invariant === broken),
      () => false,
    );
  const shrunk = await shrinkPlan(drawPlan(seed, options.guarantee), breaks, options.shrinkRuns);
  console.log(`shrunk plan, which breaks ${broken} as well:\n${planText(shrunk)}`);
}

function failureOf({ seed, guarantee, violations }: SeedSummary): string {
  return [
    `seed ${seed}, ${guarantee}:`,
    ...violations.map(({ invariant, message }) => `  ${invariant} ${message}`),
  ].join("\n");
}

function planText({ sources, steps, sinks, faults, ...sizes }: SwarmPlan): string {
  return [sizes, ...sources, ...steps, ...sinks, ...faults].map((part) => `  ${JSON.stringify(part)}`).join("\n");
}

function reportOf(tally: SwarmTally, elapsed: number, workers: number): string {
  const perMinute = Math.round((60 * tally.seedCount) / elapsed / workers);
  const each = (sum: number): string => (sum / tally.seedCount).toFixed(1);
  return [
    `${tally.seedCount} seeds in ${elapsed.toFixed(1)} s, ${perMinute} a minute and process: ${tally.failed.length} failed`,
    [...tally.seedsByGuarantee].map(([guarantee, count]) => `${guarantee} ${count}`).join(", "),
    `events each ${each(tally.eventCount)}, at least ${tally.eventsMin}; faults each ${each(tally.faultCount)}, at least ${tally.faultsMin}`,
    `fewer than ${swarmEventsMin} events or ${swarmFaultsMin} faults: ${tally.easy.length} seeds ${tally.easy.slice(0, easyShownMax).join(" ")}`.trim(),
    "fault  struck  recovered from",
    ...tally
      .coverage()
      .map(({ id, struck, recovered }) => `${id}  ${String(struck).padStart(8)}  ${String(recovered).padStart(8)}`),
  ].join("\n");
}

function guaranteeOf({ guarantee }: Options): { readonly guarantee?: Guarantee } {
  return guarantee === undefined ? {} : { guarantee };
}
