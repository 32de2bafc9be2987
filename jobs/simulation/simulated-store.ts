/**
 * SimulatedStore: a store that outlives the process: writing takes virtual time, fails on demand, and what is being written
 * when the process dies is there afterwards or not, as the seed has it (P7).
 */

import type { CellRestore } from "../../actors/index.ts";
import type { Clock, SeededRandom } from "../../runtime/index.ts";
import type { Checkpoint } from "../store/checkpoint-store.ts";
import { MemoryStore } from "../store/memory-store.ts";

/** Who sees what is done with a store. */
export interface StoreWatch {
  /** Something that is to stand in the history. */
  note(what: string): void;
  /** A checkpoint is handed over. */
  writing(): void;
  /** It is durable. */
  committed(checkpoint: Checkpoint): void;
  /** What a cell is to start from was read. */
  read(cell: string, restore: CellRestore | undefined): void;
}

export class SimulatedStore extends MemoryStore {
  override readonly durable = true;
  readonly #random: SeededRandom;
  readonly #watch: StoreWatch;
  #clock: Clock;
  #failures = 0;
  #slowMs = 0;
  #slowUntilMs = 0;
  /** What has been handed over and is not known to be durable. */
  #inFlight: Checkpoint | undefined;

  constructor(random: SeededRandom, clock: Clock, watch: StoreWatch) {
    super(undefined, deltasPerTier);
    this.#watch = watch;
    this.#random = random;
    this.#clock = clock;
  }

  override async commit(checkpoint: Checkpoint): Promise<void> {
    this.#watch.writing();
    this.#inFlight = checkpoint;
    const clock = this.#clock;
    const slowMs = clock.monotonicMs() < this.#slowUntilMs ? this.#slowMs : 0;
    await new Promise<void>((resolve) => clock.after(this.#random.below(commitMsMax) + slowMs, resolve));
    if (this.#failures > 0) {
      this.#failures -= 1;
      this.#inFlight = undefined;
      this.#watch.note(`epoch ${checkpoint.epoch} cannot be stored`);
      throw new Error("no space left on the simulated disk");
    }
    await this.#keep(checkpoint);
    this.#inFlight = undefined;
    this.#watch.note(`epoch ${checkpoint.epoch} is complete`);
  }

  override restoreOf(cell: string): CellRestore | undefined {
    const restore = super.restoreOf(cell);
    this.#watch.read(cell, restore);
    return restore;
  }

  /** The process died; a new one, with that clock, opens the store. */
  async reopen(clock: Clock): Promise<void> {
    const checkpoint = this.#inFlight;
    this.#inFlight = undefined;
    this.#clock = clock;
    if (checkpoint !== undefined && checkpoint.epoch > this.epoch && this.#random.chance(0.5)) {
      await this.#keep(checkpoint);
    }
  }

  /** The next `count` writes fail. */
  failWrites(count: number): void {
    this.#failures += count;
  }

  /** Writes take `delayMs` longer for a while. */
  slow(delayMs: number, forMs: number): void {
    this.#slowMs = delayMs;
    this.#slowUntilMs = this.#clock.monotonicMs() + forMs;
  }

  async #keep(checkpoint: Checkpoint): Promise<void> {
    await super.commit(checkpoint);
    this.#watch.committed(checkpoint);
  }
}

/**
 * So few that the ten checkpoints of a short run are merged in all the ways in which those of a long one are: without what
 * lies at the bottom, too, when what was removed has to be remembered.
 */
const deltasPerTier = 2;
/** A durable commit takes up to so many ms; measured on a real disk: 4 to 7. */
const commitMsMax = 8;
