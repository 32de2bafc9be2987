/** The machine a run happened on: figures from two machines do not stand beside one another. */

import { arch, availableParallelism, cpus, loadavg, platform, release } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  /** One-minute load average before the run; always 0 on Windows. */
  readonly loadBefore: number;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown cpu",
    cores: availableParallelism(),
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    loadBefore: loadavg()[0] ?? 0,
  };
}

export function formatMachine(machine: Machine): string {
  const line = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.platform}`;
  const load = `load before the run: ${machine.loadBefore.toFixed(2)}`;
  const isBusy = machine.loadBefore > machine.cores / 2;
  return `${line}\n${load}${isBusy ? " (others are using this machine: trust the ratios only, and not much)" : ""}`;
}
