/**
 * `npm run examples`: runs every example as a user would, one line each. Arguments are names: only those are run.
 *
 * Exit code: 0 all did what they should, 1 one did not, 2 there is no example of a name given.
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Example } from "./example.ts";
import { runExample } from "./run-example.ts";

const examplesFolder = import.meta.dirname;
const rootFolder = fileURLToPath(new URL("..", import.meta.url));

const all = await findExamples();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.some((example) => example.name === name));
if (wanted.includes("--help") || wanted.includes("-h")) {
  console.log(`Usage: npm run examples -- [names]\n\nRuns every example as a user would, or those of the names.\n`);
  console.log(
    `Names:\n  ${all.map(({ name }) => name).join("\n  ")}\n\nExit codes: 0 all did what they should, 1 one did not, 2 a name is wrong.`,
  );
} else if (unknown.length > 0) {
  console.error(
    `error: there is no example ${unknown.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}`,
  );
  process.exitCode = 2;
} else {
  await runAll(all.filter(({ name }) => wanted.length === 0 || wanted.includes(name)));
}

async function findExamples(): Promise<Example[]> {
  const found: Example[] = [];
  for (const folder of readdirSync(examplesFolder).toSorted()) {
    const file = join(examplesFolder, folder, "example.ts");
    if (!existsSync(file)) continue;
    const { example } = (await import(pathToFileURL(file).href)) as { example: Example | readonly Example[] };
    found.push(...[example].flat());
  }
  return found;
}

async function runAll(examples: readonly Example[]): Promise<void> {
  const width = Math.max(...examples.map(({ name }) => name.length));
  let failedCount = 0;
  for (const example of examples) {
    const { elapsedMs, problems, output } = await runExample(example, rootFolder);
    const verdict = problems.length === 0 ? "ok  " : "FAIL";
    const seconds = `${(elapsedMs / 1_000).toFixed(1)} s`.padStart(7);
    console.log(`${verdict}  ${example.name.padEnd(width)} ${seconds}  ${example.command.join(" ")}`);
    if (problems.length === 0) continue;
    failedCount += 1;
    for (const problem of problems) console.log(`      ${problem}`);
    console.log(`      it printed:\n${output.replaceAll(/^/gm, "      | ")}`);
  }
  console.log(`${examples.length - failedCount} of ${examples.length} examples did what they should`);
  if (failedCount > 0 || examples.length === 0) process.exitCode = 1;
}
