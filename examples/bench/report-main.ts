/**
 * Writes docs/performance.md and its plot from the results of the bench: `npm run bench:report -- --help`.
 *
 * Exit code: 0 done, 1 a part of the run failed (the page is written from what there is), 2 the arguments are wrong, or there are no results.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import type { NexmarkBench } from "../nexmark/bench/bench-queries.ts";
import { performancePage } from "./page.ts";
import { panelsOf } from "./panels.ts";
import { plotSvg } from "./plot.ts";
import { type BenchResults, together } from "./results.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "docs", "performance");
/** Rounds long enough for the compiler, and no more of them than fit into twenty minutes. */
const wholeRun = ["--rounds", "3", "--large"];
/** Rounds of the queries take 30 ms to a second of processor time, and differ by up to a half, as processes do. */
const nexmarkRun = ["--bench", "--rounds", "3", "--processes", "3"];
const nexmarkOnThreadsRun = "--bench --rounds 3 --events 300000 --threads 2 --guarantee exactly-once".split(" ");

const command = new Command("npm run bench:report --")
  .description("Writes docs/performance.md, docs/performance/plot.svg and docs/performance/results.json.")
  .argument(
    "[results...]",
    "files that `npm run bench -- --json` and `npm run nexmark -- --bench --json` have written; of a workload that is in two of them the later one counts " +
      "(default: docs/performance/results.json)",
  )
  .option(
    "--run",
    `measures everything first: npm run bench -- ${wholeRun.join(" ")}, and NEXMark, also on two threads`,
  )
  .addHelpText("after", "\nExit code: 0 done, 1 a part of the run failed, 2 the arguments are wrong.")
  .exitOverride();

try {
  command.parse();
  process.exitCode = report(command.args, command.opts<{ run?: true }>().run === true);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
  }
}

function report(given: readonly string[], run: boolean): number {
  const scratch = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  try {
    const { paths, failed } = run ? measured(scratch) : { paths: [], failed: [] };
    const all = [...given, ...paths];
    const results = together((all.length === 0 ? [join(folder, "results.json")] : all).map(read));
    writeFileSync(join(folder, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
    writeFileSync(join(folder, "plot.svg"), plotSvg(panelsOf(results)));
    writeFileSync(join(root, "docs", "performance.md"), performancePage(results, "performance/plot.svg"));
    console.log(
      `wrote docs/performance.md from ${results.workloads.length} workloads${results.nexmark ? " and NEXMark" : ""}`,
    );
    for (const what of failed) console.error(`error: not everything of this went well: ${what}`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Runs the benches; what one of them has written counts, whatever its exit code. */
function measured(scratch: string): { readonly paths: string[]; readonly failed: string[] } {
  const parts = [
    { script: "bench/main.ts", more: wholeRun },
    { script: "nexmark/main.ts", more: nexmarkRun },
    { script: "nexmark/main.ts", more: nexmarkOnThreadsRun },
  ];
  const paths: string[] = [];
  const failed: string[] = [];
  for (const [index, { script, more }] of parts.entries()) {
    const path = join(scratch, `${index}.json`);
    const { status } = spawnSync(process.execPath, [join(root, "examples", script), ...more, "--json", path], {
      stdio: ["ignore", 2, 2],
    });
    if (status !== 0) failed.push(`examples/${script}`);
    if (existsSync(path)) paths.push(path);
  }
  return { paths, failed };
}

function read(path: string): BenchResults | NexmarkBench {
  const results: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof results === "object" && results !== null && ("workloads" in results || "rows" in results)) {
    return results as BenchResults | NexmarkBench;
  }
  throw new Error(`${path} holds no results of the bench`);
}
