/**
 * SimulatedStore: a store that outlives the process: writing takes virtual time, fails on demand, and what is being written
 * when the process dies is there afterwards or not, as the seed has it (P7).
 *
 * A process takes over what it holds as it does what a file holds: moved into the cells of the job that it has. Savepoints are copies.
 */

import type { CellRestore } from "../../actors/index.ts";
import { type Clock, encode, type SeededRandom } from "../../runtime/index.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import { CellNames } from "../store/cell-names.ts";
import type { Checkpoint } from "../store/checkpoint-store.ts";
import { manifestOf } from "../store/file/store-manifest.ts";
import { MemoryStore, type MovingCheckpoint } from "../store/memory-store.ts";
import { type StoredParts, takenOver } from "../upgrade/taken-over.ts";

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
  /** A job has taken over what another life of it has left. */
  takenOver(moved: MovingCheckpoint, from: StoredJob, by: StoredJob): void;
}

/** What checkpoints are of. */
export interface StoredJob {
  readonly graph: JobGraph;
  readonly plan: JobPlan;
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
  #job: StoredJob | undefined;

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

  /**
   * A job opens it, which may be another version of the one that it is of.
   *
   * @throws ERR_JOB_STORAGE_GRAPH, and stays as it is
   */
  open(job: StoredJob): void {
    const from = this.#job ?? job;
    if (this.epoch > 0) {
      const { epoch } = this;
      const { cells } = takenOver(this.#parts(from), job.graph, job.plan, [], this.place);
      this.beginWith({ epoch, cells });
      this.#watch.takenOver(this.whole(), from, job);
    }
    this.#job = job;
  }

  /** Whether it says of each source where it stands: one that has read nothing cuts its input anew when it begins. */
  get holdsPositions(): boolean {
    if (this.#job === undefined) return false;
    const { graph, plan } = this.#job;
    const sources = plan.chains.filter(({ nodes }) => graph.nodes[nodes[0] ?? -1]?.kind === "source");
    return sources.every(({ id, instances }) =>
      instances.some(({ instance }) => this.standingOf(cellKey(id, instance))?.position !== undefined),
    );
  }

  /** Where the instances of a source stand. */
  positionsOf(source: string): readonly unknown[] {
    if (this.#job === undefined) return [];
    const { graph, plan } = this.#job;
    const chain = plan.chains.find(({ nodes }) => graph.nodes[nodes[0] ?? -1]?.name === source);
    return chain?.instances.map(({ instance }) => this.standingOf(cellKey(chain.id, instance))?.position) ?? [];
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

  /** All that it holds, as a file does: by the names of operators. */
  #parts({ graph, plan }: StoredJob): StoredParts {
    const { epoch, cells } = this.whole();
    const names = new CellNames(graph, plan);
    return {
      manifest: manifestOf(graph, 0),
      epoch,
      standings: [...cells].map(([cell, { standing }]) => {
        const { position, ended, reopenedAt, watermarks } = standing;
        return { ...names.ofCell(cell), bytes: encode({ position, ended, reopenedAt, watermarks }) };
      }),
      state: [...cells].flatMap(([cell, { deltas }]) => {
        const { instance } = names.ofCell(cell);
        return [...deltas].flatMap(([operator, parts]) =>
          parts.map((bytes, index) => ({ operator, instance, number: index + 1, bytes })),
        );
      }),
    };
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
