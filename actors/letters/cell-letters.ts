/**
 * CellLetters: the dead letters of one cell. Where a fault would bring an event again its letter is part of the epoch, and
 * waits for the snapshot behind it; all of them, up to a bound. Where none would, a letter is told at once and forgotten.
 *
 * Invariants
 *  L1  until the bound is reached every letter of an epoch is in its snapshot; beyond it the cell fails, or, where the job
 *      wants that, counts.
 */

import { type Address, type CellContext, MillraceError, mutated } from "../../runtime/index.ts";
import { deadLetterBytesPerEpochMax } from "../limits.ts";
import { type EventDeadLetter, eventDeadLetter, letterBytes, type TakenEvent } from "./event-dead-letter.ts";

/** How many dead letters of an epoch are kept, and what happens to more. */
export interface LetterBounds {
  readonly perEpoch: number;
  /** `fail`: the cell fails, for good. `count`: they are counted, and nothing else is known of them. */
  readonly beyond: "fail" | "count";
}

/** The dead letters of one cell and one epoch. */
export interface LetterPost {
  readonly letters: readonly EventDeadLetter[];
  /** Further ones, only counted. */
  readonly unkeptCount: number;
}

/** An instance gave up more events in one epoch than may be kept. */
export class DeadLetterFloodError extends MillraceError {
  readonly code = "ERR_ACT_DEAD_LETTERS";
  readonly operator: string;

  constructor(letter: EventDeadLetter, count: number, bytes: number, perEpoch: number) {
    super(
      `${letter.to} gave up ${count} events (${bytes} bytes of dead letters) in one epoch, and ${perEpoch} events or ` +
        `${deadLetterBytesPerEpochMax} bytes are allowed; the last one failed with ${letter.error.name}: ${letter.error.message}`,
      { details: { path: letter.to, operator: letter.operator, count, bytes, perEpoch } },
    );
    this.operator = letter.operator;
  }
}

export interface CellLettersSettings {
  readonly instance: number;
  /** Whether letters wait for the snapshot of their epoch. */
  readonly wait: boolean;
  readonly bounds: LetterBounds;
  /** The checkpoint that the cell starts from; 0 for none. */
  readonly epoch: number;
}

export class CellLetters {
  readonly #cell: CellContext;
  readonly #settings: CellLettersSettings;
  /** The last barrier. */
  #epoch: number;
  #letters: EventDeadLetter[] = [];
  #bytes = 0;
  #unkeptCount = 0;
  #flood: DeadLetterFloodError | undefined;

  constructor(cell: CellContext, settings: CellLettersSettings) {
    this.#cell = cell;
    this.#settings = settings;
    this.#epoch = settings.epoch;
  }

  /** Writes the letter of something that was given up. */
  write(
    operator: string,
    address: Address,
    value: unknown,
    error: unknown,
    event: TakenEvent | undefined,
  ): EventDeadLetter {
    const { instance, wait } = this.#settings;
    const place = {
      // A letter in front, or one in many would look like an option on the command line.
      id: `L${this.#cell.random.id()}`,
      operator,
      instance,
      address,
      epoch: wait ? this.#epoch + 1 : 0,
      atMs: this.#cell.clock.wallMs(),
    };
    const letter = eventDeadLetter(place, value, error, event);
    if (wait && !mutated("letters.told-at-once")) this.#keep(letter);
    else this.#cell.host.postDeadLetter(letter);
    return letter;
  }

  /** True from half of the bound on: a source reads no further, and the epoch should end soon. */
  get areMany(): boolean {
    const { perEpoch } = this.#settings.bounds;
    return this.#letters.length * 2 > perEpoch || this.#bytes * 2 > deadLetterBytesPerEpochMax;
  }

  /** Set when there were too many since the last snapshot: the cell has to fail (L1). */
  get flood(): DeadLetterFloodError | undefined {
    return this.#flood;
  }

  /** What was given up before the barrier of an epoch; undefined when nothing was. */
  close(epoch: number): LetterPost | undefined {
    const post = { letters: this.#letters, unkeptCount: this.#unkeptCount };
    this.#epoch = epoch;
    this.#letters = [];
    this.#bytes = 0;
    this.#unkeptCount = 0;
    return post.letters.length === 0 && post.unkeptCount === 0 ? undefined : post;
  }

  #keep(letter: EventDeadLetter): void {
    const { perEpoch, beyond } = this.#settings.bounds;
    const count = this.#letters.length + 1;
    const bytes = this.#bytes + letterBytes(letter);
    if (count > perEpoch || bytes > deadLetterBytesPerEpochMax) {
      if (beyond === "count") this.#unkeptCount += 1;
      else this.#flood ??= new DeadLetterFloodError(letter, count, bytes, perEpoch);
      // The turn that comes of it finds the flood.
      return this.#cell.wake();
    }
    this.#letters.push(letter);
    this.#bytes = bytes;
  }
}
