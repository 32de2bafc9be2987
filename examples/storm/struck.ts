/** Struck: lets the faults of a plan happen, each once, whichever instance, thread or process comes to it first. */

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FaultKind, StormFault } from "./storm-plan.ts";

const prefix = "struck-";

export class Struck {
  readonly #faults: readonly StormFault[];
  readonly #folder: string;
  #next = 0;

  /** @param folder says which faults have happened, by a file each, which outlives threads and processes */
  constructor(faults: readonly StormFault[], folder: string) {
    this.#faults = faults;
    this.#folder = folder;
  }

  /** An event has come. Throws, or does not return, where a fault strikes. */
  at(event: number): void {
    for (;;) {
      const fault = this.#faults[this.#next];
      if (fault === undefined || event < fault.atEvent) return;
      const number = this.#next;
      this.#next += 1;
      if (this.#isFirst(`${prefix}${fault.kind}-${number}`)) strike(fault);
    }
  }

  #isFirst(name: string): boolean {
    try {
      writeFileSync(join(this.#folder, name), "", { flag: "wx" });
      return true;
    } catch {
      return false;
    }
  }
}

/** How many faults of a kind have happened. */
export function struckCount(folder: string, kind: FaultKind): number {
  return readdirSync(folder).filter((name) => name.startsWith(`${prefix}${kind}-`)).length;
}

function strike({ kind, atEvent }: StormFault): void {
  if (kind === "throw") throw new RangeError(`a fault on purpose, at event ${atEvent}`);
  if (kind === "thread") process.exit(1);
  process.kill(process.pid, "SIGKILL");
}
