/** The machine a run happened on, and what ran: figures from two machines do not stand beside one another. */

import { execFileSync } from "node:child_process";
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly platform: string;
  /** What ran, with a `+` behind it when it was not only that; "unknown" outside of a repository. */
  readonly commit: string;
  /** Of the day, in UTC. */
  readonly date: string;
  /** One-minute load average before the run; always 0 on Windows. */
  readonly loadBefore: number;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown cpu",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    loadBefore: loadavg()[0] ?? 0,
  };
}

export function formatMachine(machine: Machine): string {
  const line = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ${machine.platform}, commit ${machine.commit}`;
  const load = `load before the run: ${machine.loadBefore.toFixed(2)}`;
  const isBusy = machine.loadBefore > machine.cores / 2;
  return `${line}\n${load}${isBusy ? " (others are using this machine: trust the ratios only, and not much)" : ""}`;
}

function commit(): string {
  try {
    const id = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no") === "" ? id : `${id}+`;
  } catch {
    return "unknown";
  }
}

function git(...command: string[]): string {
  return execFileSync("git", command, {
    encoding: "utf8",
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
