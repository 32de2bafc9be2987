/**
 * KillRound: the job of the storm in a process of its own, exactly-once, while its threads, or the process below it, are killed again and
 * again; then its file is looked at.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Kind, processEveryMs } from "./kill-plan.ts";
import type { ShownLines } from "./shown-lines.ts";

/** Plain data: it is what the process is told. */
export interface KillRound {
  /** Decides by what, and at which events. */
  readonly seed: number;
  readonly kill: "threads" | "processes";
  readonly count: number;
  readonly events: number;
  /** Events per second; undefined: as fast as they are taken. */
  readonly rate?: number | undefined;
  /** After which it has hung. */
  readonly limitMs: number;
}

export interface KillRoundResult {
  readonly status: "completed" | "failed" | "hung";
  /** What it failed with. */
  readonly error: string | undefined;
  /** What each kill was, in the order of the plan; of threads. */
  readonly kinds: readonly Kind[];
  /** Kills of the plan that have struck. */
  readonly struck: number;
  /** Threads that were lost, for whatever reason, and lives of the process below. */
  readonly threadsLost: number;
  readonly lives: number;
  /** Checkpoints of the last life. */
  readonly checkpoints: number;
  readonly elapsedMs: number;
  readonly threadRecoveriesMs: readonly number[];
  readonly processRecoveriesMs: readonly number[];
  readonly shown: ShownLines;
}

const main = fileURLToPath(new URL("./kill-main.ts", import.meta.url));

export function threadRound(seed: number, count: number): KillRound {
  return { seed, kill: "threads", count, events: 500 * count, limitMs: 60_000 + 2_000 * count };
}

/** At a rate at which the job would be at its end when the last kill is due, if none struck: kills are due at times. */
export function processRound(seed: number, count: number): KillRound {
  const events = (count * processEveryMs * processRate) / 1_000;
  return { seed, kill: "processes", count, events, rate: processRate, limitMs: 60_000 + 10_000 * count };
}

const processRate = 20_000;

/** Rejects when the process of the round has died itself. */
export async function runKillRound(round: KillRound): Promise<KillRoundResult> {
  const child = spawn(process.execPath, [main, JSON.stringify(round)], {
    stdio: ["ignore", "pipe", "inherit"],
    // A Ctrl-C is for the storm, which lets its rounds come to their end; each would take it for itself otherwise.
    detached: true,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) throw new Error(`the process of a round ended with ${signal ?? `exit code ${code}`}`);
  return JSON.parse(text) as KillRoundResult;
}

/** What is wrong with it, in words; nothing when exactly-once was kept and all of the plan has struck. */
export function wrongWith({ count, events }: KillRound, result: KillRoundResult): readonly string[] {
  const { status, error, struck, shown } = result;
  const { lines, ...wrong } = shown;
  return [
    ...(status === "completed" ? [] : [`it has ${status}${error === undefined ? "" : `: ${error}`}`]),
    ...(struck === count ? [] : [`${struck} of ${count} kills have struck`]),
    ...(lines === events ? [] : [`${lines} lines of ${events}`]),
    ...Object.entries(wrong).flatMap(([what, many]) => (many === 0 ? [] : [`${many} ${what}`])),
  ];
}
