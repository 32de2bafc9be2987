/**
 * ChannelKeeping: which channels of a run keep nothing at present. Those that need not keep anything (unkept-channels.ts) do so
 * all the same for a while once an operator has failed at an event that is to be tried again: a replay from what is kept brings the
 * very event, by which its failures are counted, also where an operator before it makes another one of the same input each time
 * (a random id, the time of day). It would fail for ever otherwise. And it fails alone from then on: who sends to it runs on.
 *
 * Invariant
 *  J7  a cell begins to keep when it starts over, from the checkpoint on. It counts as one that keeps nothing before it is told so.
 */

import type { Clock } from "../../runtime/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { unkeptChannels } from "../epochs/unkept-channels.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { keptAfterFailureMs } from "../limits.ts";
import { cellKey } from "./channel-attempts.ts";

/** Channels that keep nothing from now on, and their sender. */
export interface LetGo {
  readonly cell: string;
  readonly channels: readonly number[];
}

export class ChannelKeeping {
  readonly #clock: Clock;
  /** By sender, the channels that need not keep anything. */
  readonly #bySender: ReadonlyMap<string, readonly number[]>;
  readonly #keeping = new Set<string>();
  /** Cells that have failed at an event, and have not started over since. */
  readonly #failed = new Set<string>();
  #unkept: ReadonlySet<number>;
  #untilMs = 0;

  constructor(clock: Clock, plan: JobPlan, graph: JobGraph, guarantee: Guarantee) {
    this.#clock = clock;
    this.#unkept = guarantee === "at-most-once" ? new Set() : unkeptChannels(plan, graph);
    const channels = plan.channels.filter(({ id }) => this.#unkept.has(id));
    const bySender = Map.groupBy(channels, ({ fromChain, fromInstance }) => cellKey(fromChain, fromInstance));
    this.#bySender = new Map([...bySender].map(([cell, own]) => [cell, own.map(({ id }) => id)]));
  }

  /** The channels that keep nothing. */
  get unkept(): ReadonlySet<number> {
    return this.#unkept;
  }

  /** Those of one sender. */
  unkeptOf(cell: string): readonly number[] {
    return this.#keeping.has(cell) ? [] : (this.#bySender.get(cell) ?? []);
  }

  /** A cell has failed at an event, which is to come again. */
  failedAtEvent(cell: string): void {
    this.#failed.add(cell);
  }

  /** Cells start over: if one of them had failed at an event, all of them keep what they send. */
  startOver(cells: ReadonlySet<string>): void {
    const failed = [...this.#failed].filter((cell) => cells.has(cell));
    if (failed.length === 0) return;
    for (const cell of failed) this.#failed.delete(cell);
    this.#untilMs = this.#clock.monotonicMs() + keptAfterFailureMs;
    for (const cell of cells) if (this.#bySender.has(cell)) this.#keeping.add(cell);
    this.#look();
  }

  /** A checkpoint is complete. Returns what is not to be kept any more, of which the senders are to be told. */
  onCheckpoint(): readonly LetGo[] {
    if (this.#keeping.size === 0 || this.#clock.monotonicMs() < this.#untilMs) return [];
    const cells = [...this.#keeping];
    this.#keeping.clear();
    this.#look();
    return cells.map((cell) => ({ cell, channels: this.unkeptOf(cell) }));
  }

  #look(): void {
    this.#unkept = new Set([...this.#bySender.keys()].flatMap((cell) => this.unkeptOf(cell)));
  }
}
