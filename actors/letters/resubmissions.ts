/**
 * Resubmissions: dead letters that their operators are to be given again, as one cell has them. Host 0 gives a letter again
 * to every new incarnation until a checkpoint says that it took effect, so that a cell may forget everything when it starts
 * over; and it may give one twice to the same.
 *
 * Invariants
 *  Q1  a letter is taken once by an incarnation, and named in the first snapshot behind that.
 */

import type { EventDeadLetter } from "./event-dead-letter.ts";

export class Resubmissions {
  /** Taken or waiting. */
  readonly #known = new Set<string>();
  #waiting: EventDeadLetter[] = [];
  #taken: string[] = [];
  #areMoreToCome: boolean;

  /** @param areMoreToCome whether host 0 has letters for the cell, so that it must not end */
  constructor(areMoreToCome: boolean) {
    this.#areMoreToCome = areMoreToCome;
  }

  /** Whether the cell must not end yet. */
  get areAwaited(): boolean {
    return this.#waiting.length > 0 || this.#areMoreToCome;
  }

  give(letters: readonly EventDeadLetter[], areMoreToCome: boolean): void {
    this.#areMoreToCome = areMoreToCome;
    for (const letter of letters) {
      if (this.#known.has(letter.id)) continue;
      this.#known.add(letter.id);
      this.#waiting.push(letter);
    }
  }

  /** The next letter to take; it counts as taken. */
  next(): EventDeadLetter | undefined {
    const letter = this.#waiting.shift();
    if (letter !== undefined) this.#taken.push(letter.id);
    return letter;
  }

  /** The letters taken since the last barrier (Q1). */
  close(): readonly string[] {
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }
}
