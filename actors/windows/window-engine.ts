/**
 * WindowEngine: the seam between the window operator, which knows of batches, clocks and snapshots, and the ways to keep windows.
 * `time` is that of the event, and `now` how far time has come: the watermark, or one ms less than the clock. Windows whose end is at
 * most `now + 1` are due, so that both kinds of time follow one rule. Some keys may be ahead of `now` for a while behind a change of the
 * parallelism (group-progress.ts).
 */

import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange } from "../epochs/state-delta.ts";
import type { Output } from "../operator.ts";
import type { Pieces } from "../pieces.ts";
import type { StateForm } from "../state/state-form.ts";
import type { StateSize } from "../state/state-size.ts";
import type { Trigger } from "./trigger.ts";
import type { WindowResults } from "./window-result.ts";

export interface WindowEngine {
  /**
   * Takes in an event. What it makes due is put out.
   *
   * @param ahead how far time has come for its key, where that is further than `advance` has told; undefined where it is not
   * @param folded of how many events of one pane it is the accumulator; 0 for an event itself. Only where windows say that they can be
   * given any (pre-aggregated-windows.ts)
   * @returns false when it is late for all of its windows, and was not taken
   */
  add(key: Key, event: unknown, time: number | undefined, ahead: number | undefined, folded: number): boolean;
  /**
   * Takes in the events of a batch from `index` to `to`, of which `from` was the first, as long as they have times, no key is ahead, and they
   * make nothing due. Absent where each event may.
   *
   * @param at the time of all of them, where they go by the clock; undefined where each has its own
   * @returns the index of the first that it has not taken
   */
  addRun?(batch: Batch, from: number, index: number, to: number, at: number | undefined, output: Output): number;
  /** Keys `index` to `to` of a batch, of which `from` was the first, come next: as of KeyedState. */
  expect(keys: readonly Key[], from: number, index: number, to: number): void;
  /**
   * Time has come so far: puts out what is due, in the order of time, and forgets what is over. Infinity is the end. Nothing else is called
   * before the last piece, but what tells of the state.
   */
  advance(now: number): Pieces | undefined;
  /** An interval of the early trigger has passed: puts out what has changed in windows that are open. */
  tick(): void;
  /** Whether a tick has something to put out. */
  readonly waits: boolean;
  /** `now` at which `advance` has something to do; Infinity while there is nothing. */
  nextDue(): number;
  readonly stateSize: StateSize;
  /** What changed since the call before. @param operator for errors about what is no plain data, which this throws */
  snapshot(operator: string): readonly StateChange[];
  /**
   * Takes in what was stored as of `now`. Changes are noted from then on.
   *
   * @param aheadOf how far time had come for a key that is ahead of `now`; -Infinity for others. It is asked again later: keys are ahead for
   * as long as `advance` has not come as far
   */
  restore(state: readonly StateGroup[], now: number, aheadOf: (key: Key) => number): void;
}

/** What all engines are made from. */
export interface EngineSettings {
  readonly aggregate: Aggregate<unknown, unknown, unknown>;
  readonly results: WindowResults;
  readonly allowedLatenessMs: number;
  /** Whether each firing gives only what came since the one before. */
  readonly discards: boolean;
  readonly early: Trigger | undefined;
  readonly form: StateForm;
  /**
   * Brings an accumulator of an earlier version up to that of now.
   *
   * @returns whether it was of an earlier one
   */
  readonly bringUp: (holder: { accumulator: unknown }, stored: StateForm, key: Key) => boolean;
}

/** So many events make an early result; Infinity for none by events. */
export function earlyEvents(early: Trigger | undefined): number {
  return early?.kind === "events" ? early.count : Number.POSITIVE_INFINITY;
}
