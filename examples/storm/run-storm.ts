/** RunStorm: one storm: processes run the job one after the other until one comes to its end; then its file is looked at. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Guarantee } from "../../jobs/index.ts";
import { type ShownLines, shownLines } from "./shown-lines.ts";
import type { StormParams } from "./storm.job.ts";
import type { FaultCounts, StormPlan } from "./storm-plan.ts";
import { struckCount } from "./struck.ts";

export interface StormResult {
  readonly shown: ShownLines;
  /** What happened, out of the plan. */
  readonly struck: FaultCounts;
  /** As the last process reports them. */
  readonly reported: { readonly lostEvents: number; readonly deadLetters: number };
  readonly elapsedMs: number;
}

/** @param onStart told of each process, from 1 on */
export async function runStorm(
  guarantee: Guarantee,
  plan: StormPlan,
  onStart: (number: number) => void = () => undefined,
): Promise<StormResult> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-storm-"));
  try {
    const params: StormParams = { plan, folder, path: join(folder, "counts.txt") };
    const startMs = performance.now();
    for (let number = 1; ; number += 1) {
      onStart(number);
      const reported = await runProcess(guarantee, params);
      if (reported === "killed") continue;
      return {
        shown: await shownLines(params.path, plan.events),
        struck: {
          throw: struckCount(folder, "throw"),
          thread: struckCount(folder, "thread"),
          process: struckCount(folder, "process"),
        },
        reported,
        elapsedMs: performance.now() - startMs,
      };
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What is broken of the promise; empty when it was kept. */
export function brokenBy(guarantee: Guarantee, { shown, struck, reported }: StormResult): readonly string[] {
  const broken: string[] = [];
  const mustBeNone = (what: keyof ShownLines) => {
    if (shown[what] > 0) broken.push(`${shown[what].toLocaleString("en")} ${what}`);
  };
  mustBeNone("foreign");
  if (guarantee !== "at-most-once") mustBeNone("missing");
  if (guarantee !== "at-least-once") mustBeNone("doubled");
  if (guarantee !== "at-least-once") mustBeNone("disordered");
  if (guarantee === "exactly-once") mustBeNone("miscounted");
  // An event that an operator throws at is a dead letter, perhaps of a process before the last one.
  const counted = reported.lostEvents + struck.throw;
  if (guarantee === "at-most-once" && shown.missing > counted) {
    broken.push(`${shown.missing.toLocaleString("en")} missing, of which ${counted.toLocaleString("en")} are counted`);
  }
  return broken;
}

async function runProcess(guarantee: Guarantee, params: StormParams): Promise<StormResult["reported"] | "killed"> {
  const main = fileURLToPath(new URL("./process.ts", import.meta.url));
  const child = spawn(process.execPath, [main, guarantee, JSON.stringify(params)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (signal === "SIGKILL") return "killed";
  if (code !== 0) throw new Error(`the process of the job ended with ${signal ?? `exit code ${code}`}`);
  return JSON.parse(text) as StormResult["reported"];
}
