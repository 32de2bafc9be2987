/** RunDeadLetters: the dead letters of a run, to be looked at, resubmitted and deleted while it runs. */

import type { EventDeadLetter } from "../../actors/index.ts";
import { DeadLetterError } from "../letters/dead-letter-error.ts";
import type { JobLetters } from "./job-letters.ts";

export class RunDeadLetters {
  readonly #letters: JobLetters;

  /** @internal */
  constructor(letters: JobLetters) {
    this.#letters = letters;
  }

  /**
   * Those that are kept, oldest first: with `storage` also those of earlier runs. Under at-least-once and exactly-once a letter
   * is there when the checkpoint of its epoch is complete.
   */
  list(): readonly EventDeadLetter[] {
    return this.#letters.box.list();
  }

  /** Letters for which there was no room any more; with `storage` also those of earlier runs. */
  get droppedCount(): number {
    return this.#letters.box.droppedCount;
  }

  /**
   * Gives events to their operators again, as if they had just come, in the order of the letters. Resolves when a checkpoint
   * holds what they did, and the letters are gone; under at-most-once as soon as they are on their way.
   *
   * Rejects with ERR_JOB_DEAD_LETTER for a letter that is not there, that holds no event, or whose operator has ended; nothing is
   * taken then. Also when the run ends before it is sure that they were taken: those that were not stay.
   */
  resubmit(ids: readonly string[]): Promise<void> {
    return this.#letters.resubmit(ids);
  }

  /** Forgets letters; with the next checkpoint for good. Throws ERR_JOB_DEAD_LETTER for one that is not there. */
  delete(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#letters.box.get(id) === undefined) throw new DeadLetterError(id, "is not there");
    }
    this.#letters.box.delete(ids);
  }
}
