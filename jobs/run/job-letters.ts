/**
 * JobLetters: the dead letters of a run, and its cells: what cells start from where some are reopened, what they are given to
 * take again, and who waits for that.
 */

import {
  type CellRestore,
  type EventDeadLetter,
  type LetterBounds,
  type StreamSignal,
  signalKind,
} from "../../actors/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { checkResubmittable, DeadLetterError } from "../letters/dead-letter-error.ts";
import type { LetterBox } from "../letters/letter-box.ts";
import { LetterDesk } from "../letters/letter-desk.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import type { ChainStart } from "./chain-cell.ts";
import type { HostedJob } from "./hosted-job.ts";
import type { JobCell } from "./job-cell.ts";

export interface JobLettersSettings {
  readonly hosted: HostedJob;
  readonly guarantee: Guarantee;
  readonly store: CheckpointStore;
  /** How many dead letters of an epoch are kept, and what more of them do. */
  readonly letterBounds: LetterBounds;
}

export class JobLetters {
  readonly box: LetterBox;
  readonly #store: CheckpointStore;
  readonly #usesEpochs: boolean;
  readonly #cells: readonly JobCell[];
  readonly #signal: (cell: JobCell, signal: StreamSignal) => void;
  readonly #desk: LetterDesk;
  readonly #bounds: LetterBounds;
  #hasStopped = false;
  readonly #waiting = new Set<{ readonly ids: readonly string[]; readonly done: PromiseWithResolvers<void> }>();

  constructor(
    { hosted, guarantee, store, letterBounds }: JobLettersSettings,
    cells: readonly JobCell[],
    signal: (cell: JobCell, signal: StreamSignal) => void,
  ) {
    this.box = store.letters;
    this.#store = store;
    this.#bounds = letterBounds;
    this.#usesEpochs = guarantee !== "at-most-once";
    this.#cells = cells;
    this.#signal = signal;
    this.#desk = new LetterDesk(hosted.graph, hosted.plan, store.letters);
    if (this.#usesEpochs) this.#desk.reopen(store.epoch, (cell) => store.standingOf(cell));
  }

  /** Where a cell stands in the last checkpoint; undefined before the first, and where there are none. */
  standingOf(cell: string): Omit<CellRestore, "deltas"> | undefined {
    return this.#usesEpochs ? this.#desk.opened(cell, this.#store.standingOf(cell)) : undefined;
  }

  /**
   * What a cell starts from; undefined before the first checkpoint, and where there are none.
   *
   * @param fail called when it cannot be read any more: the run ends, and no cell begins with what it has not (J1)
   */
  restoreOf(cell: string, fail: (error: Error) => void): CellRestore | undefined {
    if (!this.#usesEpochs) return undefined;
    try {
      return this.#desk.opened(cell, this.#store.restoreOf(cell));
    } catch (error) {
      fail(error as Error);
      return undefined;
    }
  }

  /** What a cell that starts, or starts over, is told of dead letters. */
  startOf({ key }: JobCell): Pick<ChainStart, "reopenedAt" | "awaitsLetters" | "letterBounds"> {
    const reopenedAt = this.standingOf(key)?.reopenedAt;
    return { reopenedAt, awaitsLetters: this.#desk.startsWith(key), letterBounds: this.#bounds };
  }

  /** Cells are given the letters that they are to take and have not been given yet. */
  give(): void {
    for (const cell of this.#cells) {
      if (cell.fresh) continue;
      for (let more = true; more; ) {
        const delivery = this.#desk.deliver(cell.key);
        if (delivery === undefined) break;
        this.#signal(cell, [signalKind.resubmit, delivery.letters, delivery.areMoreToCome]);
        // Without checkpoints nothing says that they took effect: they are gone.
        if (!this.#usesEpochs) this.#forget(delivery.letters);
        more = !this.#usesEpochs && delivery.areMoreToCome;
      }
    }
  }

  /** A checkpoint is complete. */
  onCheckpoint(): void {
    this.give();
    for (const waiting of this.#waiting) {
      if (waiting.ids.some((id) => this.box.get(id) !== undefined)) continue;
      this.#waiting.delete(waiting);
      waiting.done.resolve();
    }
  }

  /**
   * Letters are to be taken again. Resolves when a checkpoint holds what they did; under at-most-once at once. Rejects with
   * ERR_JOB_DEAD_LETTER for one that is not there or cannot be taken now, none being taken then, or when the run ends before.
   */
  async resubmit(ids: readonly string[]): Promise<void> {
    checkResubmittable(ids, (id) => this.box.get(id));
    for (const id of ids) this.#checkTaker(this.box.get(id) as EventDeadLetter);
    if (this.#hasStopped && ids.length > 0) throw this.#notTaken(ids);
    this.box.wish(ids);
    this.give();
    if (!this.#usesEpochs || ids.length === 0) return;
    const waiting = { ids, done: Promise.withResolvers<void>() };
    this.#waiting.add(waiting);
    await waiting.done.promise;
  }

  /** The run has ended. */
  stop(): void {
    this.#hasStopped = true;
    for (const { ids, done } of this.#waiting) done.reject(this.#notTaken(ids));
    this.#waiting.clear();
  }

  #notTaken(ids: readonly string[]): DeadLetterError {
    const id = ids.find((each) => this.box.get(each) !== undefined) ?? "";
    return new DeadLetterError(id, "was not taken before the run ended; it stays");
  }

  #forget(letters: readonly EventDeadLetter[]): void {
    const ids = letters.map(({ id }) => id);
    this.box.apply(this.box.change([], ids));
  }

  #checkTaker(letter: EventDeadLetter): void {
    const target = this.#desk.targetOf(letter);
    const cell = this.#cells.find(({ key }) => key === target?.cell);
    const operator = JSON.stringify(letter.operator);
    if (cell === undefined)
      throw new DeadLetterError(letter.id, `cannot be taken: the job has no operator ${operator}`);
    if (!cell.ended) return;
    throw new DeadLetterError(
      letter.id,
      `cannot be taken now: the stream of operator ${operator} has ended; mark it by \`millrace dead-letters resubmit\` ` +
        "and submit the job again with the same storage",
    );
  }
}
