/** StormPlan: which faults strike a run, and at which event; drawn from a seed. Plain data: it crosses threads and processes. */

export interface StormPlan {
  readonly events: number;
  /** In the order of the events. */
  readonly faults: readonly StormFault[];
}

export interface StormFault {
  /** The counter that comes to this event, or to a later one, is struck. */
  readonly atEvent: number;
  readonly kind: FaultKind;
}

/** An operator throws; its thread ends; the process is killed by SIGKILL. */
export type FaultKind = "throw" | "thread" | "process";

export type FaultCounts = Readonly<Record<FaultKind, number>>;

export function stormPlan(seed: number, events: number, counts: FaultCounts): StormPlan {
  const random = generator(seed);
  const faults = (Object.keys(counts) as FaultKind[]).flatMap((kind) =>
    Array.from({ length: counts[kind] }, () => ({ atEvent: Math.floor(random() * events), kind })),
  );
  return { events, faults: faults.sort((left, right) => left.atEvent - right.atEvent) };
}

/** Mulberry32 by Tommy Ettinger: numbers in [0, 1), the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
