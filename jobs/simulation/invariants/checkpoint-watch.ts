/**
 * CheckpointWatch: what happens to the checkpoints of a simulated run, held against what is promised while it happens: a store
 * is asked and told a few times per epoch, so that this costs next to nothing.
 */

import type { CellRestore } from "../../../actors/index.ts";
import type { Checkpoint } from "../../store/checkpoint-store.ts";
import type { MovingCheckpoint } from "../../store/memory-store.ts";
import type { StoredJob } from "../simulated-store.ts";
import { CheckpointModel } from "./checkpoint-model.ts";
import { endingOf } from "./ended-inputs.ts";
import type { NotedEnding } from "./run-record.ts";
import type { Invariant, Violation } from "./violation.ts";

/** Violations that are kept: what goes wrong once goes wrong again and again. */
const keptMax = 20;

export class CheckpointWatch {
  readonly violations: Violation[] = [];
  readonly endings: NotedEnding[] = [];
  readonly #model = new CheckpointModel();
  readonly #areWhole: boolean;

  /** @param areWhole whether each checkpoint is of all cells; under at-most-once they are of sources alone */
  constructor(areWhole: boolean) {
    this.#areWhole = areWhole;
  }

  /** The last complete checkpoint; 0 before the first. */
  get epoch(): number {
    return this.#model.epoch;
  }

  /** Events of a `collect` sink that the last complete checkpoint holds. */
  collectedCount(sink: string): number {
    return this.#model.collectedCount(sink);
  }

  /** P7, I4: a checkpoint is durable: a whole one, and a later one than that before. */
  committed(checkpoint: Checkpoint): void {
    const { epoch, cells } = this.#model;
    if (checkpoint.epoch <= epoch) this.#broken("P7", `checkpoint ${checkpoint.epoch} follows checkpoint ${epoch}`);
    if (!this.#areWhole) return this.#model.commit(checkpoint);
    const missing = cells.filter((cell) => !checkpoint.snapshots.has(cell));
    if (missing.length > 0) this.#broken("I4", `checkpoint ${checkpoint.epoch} is without ${missing.join(", ")}`);
    for (const [cell, parts] of checkpoint.snapshots) {
      const own = parts.at(-1)?.epoch;
      if (own === checkpoint.epoch) continue;
      this.#broken("I4", `checkpoint ${checkpoint.epoch} has cell ${cell} as of epoch ${own}`);
    }
    const ending = endingOf(checkpoint);
    if (ending !== undefined) this.endings.push(ending);
    this.#model.commit(checkpoint);
  }

  /** I6, I11: what a cell is to start from was read: it is what was written, all of one epoch. */
  read(cell: string, restore: CellRestore | undefined): void {
    if (!this.#areWhole) return;
    const difference = this.#model.difference(cell, restore);
    if (difference !== undefined)
      this.#broken("I6", `what cell ${cell} starts from is not the checkpoint: ${difference}`);
  }

  /** I6, I11: a job has taken over what another life of it, or another version, has left: all of it. */
  takenOver(moved: MovingCheckpoint, from: StoredJob, by: StoredJob): void {
    const difference = this.#model.moveTo(moved, from, by);
    if (this.#areWhole && difference !== undefined)
      this.#broken("I6", `what was taken over is not what was left: ${difference}`);
  }

  /** P5, I9: an operator hears that an epoch is complete, which it is. */
  told(operator: string, epoch: number): void {
    if (epoch > this.epoch) {
      this.#broken("P5", `${operator} was told that epoch ${epoch} is complete; the last durable one is ${this.epoch}`);
    }
  }

  /** I4: what a sink shows by now is in a complete checkpoint. */
  shown(sink: string, count: number): void {
    const held = this.collectedCount(sink);
    if (count > held) this.#broken("I4", `${sink} shows ${count} events, and checkpoint ${this.epoch} holds ${held}`);
  }

  /** I7, P8: when outboxes keep as much as is allowed, sources have paused. */
  kept(bytes: number, limitBytes: number, pauseCount: number): void {
    if (bytes < limitBytes || pauseCount > 0) return;
    this.#broken("I7", `outboxes keep ${bytes} bytes, ${limitBytes} are allowed, and sources have never paused`);
  }

  #broken(invariant: Invariant, message: string): void {
    if (this.violations.length < keptMax) this.violations.push({ invariant, message });
  }
}
