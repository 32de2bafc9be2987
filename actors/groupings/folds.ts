/**
 * Folds: events on their way to the instances that own their keys, put together by key until they are sent. What is held is sent before any
 * watermark, barrier or end that came behind it, so nothing of it is state. While putting together does not pay, events are sent as they are.
 *
 * Invariants
 *  G1, G2 of a partitioner (partitioner.ts). An event that cannot be put together is sent as it is: it fails where it would have.
 *
 * Not here: what is held of a key, and where (folded-events.ts without panes of event time, paned-folds.ts with them).
 */

import type { Batch } from "../batch.ts";
import type { BatchBuilder } from "../batch-builder.ts";
import type { Passing } from "../cells/passer.ts";
import { foldedEntriesMax, localFoldedEntriesMax } from "../limits.ts";
import type { SourceOutput } from "../source.ts";
import { type FoldBounds, FoldJudge } from "./fold-judge.ts";
import type { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import type { KeyOwners } from "./key-owners.ts";
import { KeyPartitioner, type Partitioner } from "./partitioner.ts";
import type { PreAggregation } from "./pre-aggregation.ts";

export const betweenThreads: FoldBounds = { entriesMax: foldedEntriesMax, sentShareMax: 0.5, plainRunsMax: 256 };
/**
 * An accumulator that is handed over costs as much as several events are, and with many keys each is looked for twice. How many come between
 * two sendings is little at first, while the source is to find out how many it may read.
 */
export const withinThread: FoldBounds = { entriesMax: localFoldedEntriesMax, sentShareMax: 1 / 16, plainRunsMax: 64 };

/** What becomes of events while they are emitted. */
export interface FoldPassing extends Passing {
  /** How many of those that were taken were put together. */
  folded: number;
  failure: { readonly value: unknown; readonly error: unknown } | undefined;
}

export abstract class Folds implements Partitioner {
  /** Whether events with times can be taken as they are emitted; otherwise those without. */
  abstract readonly isTimed: boolean;
  abstract readonly passing: FoldPassing;
  readonly frequentKeys: FrequentKeys;
  failedAt = 0;
  protected readonly selector: KeySelector<unknown>;
  protected readonly aggregate: PreAggregation["aggregate"];
  protected readonly bounds: FoldBounds;
  protected readonly owners: KeyOwners;
  /** Events that are held, but for those that are being emitted. */
  protected heldEvents = 0;
  readonly #judge: FoldJudge;
  /** The way of events that are sent as they are. */
  readonly #plain: KeyPartitioner;

  constructor(
    selector: KeySelector<unknown>,
    targetCount: number,
    aggregate: PreAggregation["aggregate"],
    bounds: FoldBounds,
  ) {
    this.selector = selector;
    this.aggregate = aggregate;
    this.bounds = bounds;
    this.#judge = new FoldJudge(bounds);
    this.#plain = new KeyPartitioner(selector, targetCount);
    this.owners = this.#plain.owners;
    this.frequentKeys = this.#plain.frequentKeys;
  }

  /** Events that are held. */
  get eventCount(): number {
    return this.heldEvents;
  }

  /** Whether no more can be held. */
  get isFull(): boolean {
    return this.heldCount >= this.bounds.entriesMax;
  }

  route(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    if (this.#judge.sendsPlain(to - from)) this.#routePlain(batch, from, to, targets);
    else this.fold(batch, from, to, targets);
  }

  /** Where events are emitted one by one, between `startPassing` and `endPassing`. */
  abstract passTo(targets: readonly BatchBuilder[], progress: Int32Array): SourceOutput<unknown>;

  /** False while putting together does not pay. */
  startPassing(room: number, overflow: SourceOutput<unknown>): boolean {
    if (this.#judge.sendsPlain(0)) return false;
    Object.assign(this.passing, { room, count: 0, folded: 0, failure: undefined, overflow });
    return true;
  }

  endPassing(): void {
    this.passing.room = 0;
    this.heldEvents += this.passing.folded;
  }

  /** Everything that is held, by target, in the order of first events, taken out. */
  take(): readonly (Batch | undefined)[] {
    this.#judge.sent(this.heldEvents, this.heldCount);
    this.heldEvents = 0;
    return this.takeHeld();
  }

  /** Accumulators that are held. */
  protected abstract readonly heldCount: number;
  /** Puts events together; `route`, where that pays. */
  protected abstract fold(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void;
  protected abstract takeHeld(): readonly (Batch | undefined)[];

  #routePlain(batch: Batch, from: number, to: number, targets: readonly BatchBuilder[]): void {
    try {
      this.#plain.route(batch, from, to, targets);
    } finally {
      this.failedAt = this.#plain.failedAt;
    }
  }
}
