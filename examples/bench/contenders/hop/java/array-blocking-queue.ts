/**
 * W4 in Java: two threads and an ArrayBlockingQueue(1024), what one would write there without a library. The virtual machine stays
 * warm between rounds, as the processes of the others do, and times each round by itself.
 */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contender } from "../../../contender.ts";

const program = fileURLToPath(new URL("./ArrayBlockingQueueHop.java", import.meta.url));
/** The first that has records and runs a program from its source. */
const versionMin = 17;
const answerLimitMs = 120_000;

export function arrayBlockingQueue(): Contender {
  let java: ChildProcessWithoutNullStreams;
  let lines: Interface;
  return {
    async setup() {
      java = spawn("java", [program], { stdio: "pipe" });
      java.stderr.pipe(process.stderr);
      lines = createInterface(java.stdout);
    },
    async round(events) {
      java.stdin.write(`${events}\n`);
      const [wallMs = Number.NaN, cpuMs = Number.NaN, ...answer] = (await nextLine(java, lines)).split(" ").map(Number);
      return { flow: { wallMs, cpuMs }, answer };
    },
    async teardown() {
      java.stdin.end();
    },
  };
}

/** Why it cannot run here, or undefined when it can. */
export function missingJava(): string | undefined {
  const { error, stderr } = spawnSync("java", ["-version"], { encoding: "utf8" });
  if (error !== undefined) return "java is not on the path";
  const version = Number(/version "(\d+)/.exec(stderr)?.[1]);
  return version >= versionMin ? undefined : `java ${versionMin} or newer is needed, this is ${stderr.split("\n")[0]}`;
}

function nextLine(java: ChildProcessWithoutNullStreams, lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(answerLimitMs);
    signal.onabort = () => reject(new Error(`java gave no answer within ${answerLimitMs / 1_000} s`));
    java.once("error", reject);
    java.once("exit", (code) => reject(new Error(`java ended with exit code ${code}`)));
    lines.once("line", resolve);
  });
}
