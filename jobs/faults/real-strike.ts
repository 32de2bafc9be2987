/** realStrike: lets a thread die, hang or grow, by the means by which real code does. */

import { pbkdf2Sync } from "node:crypto";
import { assert, type Clock } from "../../runtime/index.ts";
import type { FaultAction, HangWay } from "../simulation/fault-action.ts";
import { thrownValue } from "../simulation/thrown-value.ts";

/** What the thread that it strikes carries out itself. */
export type ThreadAction = Extract<
  FaultAction,
  { readonly kind: "exit" | "stray-throw" | "stray-reject" | "overflow-heap" | "hang" }
>;

export function isThreadAction(action: FaultAction): action is ThreadAction {
  return ["exit", "stray-throw", "stray-reject", "overflow-heap", "hang"].includes(action.kind);
}

/** On the calling thread. It may not return. */
export function realStrike(action: ThreadAction, clock: Clock): void {
  switch (action.kind) {
    case "exit":
      return process.exit(action.code);
    case "stray-throw":
      clock.after(0, () => {
        throw thrownValue(action.thrown, "a stray callback threw, as planned");
      });
      return;
    case "stray-reject":
      void Promise.reject(thrownValue(action.thrown, "a stray promise rejected, as planned"));
      return;
    case "overflow-heap":
      return overflow([], clock);
    case "hang":
      return hang[action.by](action.forMs, clock);
  }
}

/** Busy for so long, as a slow computation is. */
export function spin(forMs: number, clock: Clock): void {
  const endMs = clock.monotonicMs() + forMs;
  while (clock.monotonicMs() < endMs);
}

/** Ever more is kept, a step at a time, until the thread has had enough. */
function overflow(kept: unknown[], clock: Clock): void {
  kept.push(Array.from({ length: objectsPerStep }, (_, index) => ({ index })));
  clock.after(0, () => overflow(kept, clock));
}

const hang: Readonly<Record<HangWay, (forMs: number, clock: Clock) => void>> = {
  loop: spin,
  wait(forMs) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, forMs);
  },
  native(forMs, clock) {
    assert(Number.isFinite(forMs), "native code that never returns keeps its process from ending");
    const startMs = clock.monotonicMs();
    derive(probeIterations);
    const iterationsPerMs = probeIterations / Math.max(0.01, clock.monotonicMs() - startMs);
    // One call, which nobody can end.
    derive(Math.min(iterationsMax, Math.ceil(forMs * iterationsPerMs)));
  },
};

function derive(iterations: number): void {
  pbkdf2Sync("millrace", "fault", iterations, 32, "sha256");
}

/** About 2 MB. */
const objectsPerStep = 50_000;
const probeIterations = 20_000;
const iterationsMax = 2 ** 31 - 1;
