/** RunExample: starts an example as a user would, in a process of its own, and says what is wrong with how it went. */

import { spawn } from "node:child_process";
import type { Example } from "./example.ts";

export interface ExampleResult {
  readonly elapsedMs: number;
  /** Empty when all is as it should be. */
  readonly problems: readonly string[];
  /** What it printed, both streams together. */
  readonly output: string;
}

/** Never rejects: an example that cannot be started has a problem, too. */
export async function runExample(example: Example, folder: string): Promise<ExampleResult> {
  const [program, ...programArguments] = example.command as [string, ...string[]];
  const startMs = performance.now();
  const child = spawn(program === "node" ? process.execPath : program, programArguments, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what it started ends with it.
    detached: true,
  });
  let output = "";
  const collect = (chunk: string) => (output += chunk);
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  const ended = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => {
    killGroup(child.pid);
    ended.resolve(`did not end within ${example.timeoutMs} ms`);
  }, example.timeoutMs);
  child.once("error", (error) => ended.resolve(`could not be started: ${error.message}`));
  child.once("close", (code, signal) => {
    if (code === 0) ended.resolve(undefined);
    else ended.resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
  });
  const ending = await ended.promise;
  clearTimeout(timer);
  const missing = example.expect
    .filter((pattern) => !pattern.test(output))
    .map((pattern) => `its output lacks ${pattern}`);
  const problems = ending === undefined ? missing : [ending, ...missing];
  return { elapsedMs: performance.now() - startMs, problems, output };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
