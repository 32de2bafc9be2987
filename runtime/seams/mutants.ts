/**
 * Mutants: named places where a step of a protocol can be left out or done wrong, so that it can be shown that the checkers of
 * the simulation notice. Off, unless a test turns one on, in its own thread and for as long as a function takes; nothing
 * outside of the process can.
 *
 * Each name stands in the sources once, as a literal. Which checker notices which stands beside the checkers.
 */

import { assert } from "../assert.ts";

/** Named by the part of a protocol that they break, in the rooms above as well. */
export const mutantNames = [
  "aligner.first-barrier",
  "aligner.no-alignment",
  "aligner.remembers-lost",
  "attempts.not-raised",
  "batch.kept-at-barrier",
  "budget.never-renewed",
  "budget.unbounded",
  "calls.not-waited-for",
  "collect.keeps-taken",
  "collect.shows-early",
  "coordinator.completes-before-durable",
  "coordinator.completes-unwritten",
  "coordinator.restarts-while-writing",
  "edge.keeps-folded",
  "edge.keeps-keys",
  "end.begun-again",
  "epochs.not-told-again",
  "inbox.accepts-old-attempt",
  "inbox.keeps-waiting",
  "inbox.reports-stale",
  "inbox.window-unnoted",
  "inputs.end-forgotten",
  "inputs.ended-early",
  "ledger.drops-given-up",
  "ledger.keeps-lost",
  "ledger.one-missing",
  "ledger.reuses-numbers",
  "letters.of-newest-part",
  "letters.told-at-once",
  "matches.taken-again",
  "memory.frees-kept",
  "outbox.credit-added",
  "outbox.credit-not-returned",
  "outbox.credit-of-events",
  "outbox.forgets-behind-barrier",
  "outbox.forgets-sent",
  "outbox.no-replay",
  "outbox.old-opening",
  "outbox.sends-unopened",
  "region.failed-only",
  "region.leaves-senders",
  "regrouped.keys-stay",
  "regrouped.own-watermark",
  "regrouped.splits-forgotten",
  "retention.counts-lost",
  "retention.never-pauses",
  "rules.not-noted",
  "shares.not-acknowledged",
  "sink.commits-early",
  "sink.forgets-prepared",
  "sink.recovers-first",
  "source.acknowledges-early",
  "source.acknowledges-halted",
  "source.forgets-to-acknowledge",
  "source.halts-early",
  "source.hands-on-unacknowledged",
  "source.hands-on-unreserved",
  "source.reads-behind-barrier",
  "source.skips-given-up",
  "state.lost-as-packed",
  "state.no-tombstones",
  "state.noted-once",
  "store.drops-tombstones",
  "store.mixes-epochs",
  "store.newest-delta-only",
  "supervisor.hears-the-dead",
  "timers.fired-stay",
  "watermarks.highest-counts",
] as const;

export type Mutant = (typeof mutantNames)[number];

let active: Mutant | undefined;

/** Whether the step of that name is to go wrong. Costs a comparison of two references while none is. */
export function mutated(name: Mutant): boolean {
  return active === name;
}

/**
 * The step of that name goes wrong until the promise is settled that `run` returns. One at a time.
 *
 * @internal
 */
export async function withMutant<R>(name: Mutant, run: () => Promise<R>): Promise<R> {
  assert(active === undefined, "one mutant at a time");
  active = name;
  try {
    return await run();
  } finally {
    active = undefined;
  }
}
