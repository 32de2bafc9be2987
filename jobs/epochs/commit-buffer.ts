/**
 * CommitBuffer: what a sink on the submitting thread took and has not shown yet. Outlives the incarnations of the sink, as
 * any transaction must: what was prepared for an epoch that is complete is shown, whoever asks for it.
 *
 * Invariants
 *  B1  events are shown in the order they were taken, once, and only after the checkpoint of their epoch is complete (P5).
 *  B2  what was taken after the checkpoint from which the sink starts over is never shown.
 */

import { mutated } from "../../runtime/index.ts";

export class CommitBuffer {
  readonly #show: (events: readonly unknown[]) => void;
  #open: unknown[] = [];
  #prepared: { readonly epoch: number; readonly events: readonly unknown[] }[] = [];

  /** @param show gets the events of complete epochs */
  constructor(show: (events: readonly unknown[]) => void) {
    this.#show = show;
  }

  /** Events that wait to be shown. */
  get length(): number {
    return this.#prepared.reduce((sum, { events }) => sum + events.length, this.#open.length);
  }

  add(event: unknown): void {
    this.#open.push(event);
  }

  /** The barrier of an epoch was reached; returns what was taken since the one before. */
  prepare(epoch: number): readonly unknown[] {
    const events = this.#open;
    if (events.length > 0) this.#prepared.push({ epoch, events });
    this.#open = [];
    if (mutated("collect.shows-early")) this.complete(epoch);
    return events;
  }

  /** The checkpoint of an epoch is complete. */
  complete(epoch: number): void {
    const due = this.#prepared.filter((part) => part.epoch <= epoch);
    this.#prepared = this.#prepared.filter((part) => part.epoch > epoch);
    for (const { events } of due) this.#show(events);
  }

  /** The sink starts over from the checkpoint of `epoch`. */
  startOver(epoch: number): void {
    this.complete(epoch);
    if (mutated("collect.keeps-taken")) return;
    this.#prepared = [];
    this.#open = [];
  }
}
