/**
 * LetterBox: the dead letters of a job that are kept, oldest first, up to a bound; and which of them are to be given to their
 * operators again. What a checkpoint changes is told before it is applied, so that it can be written elsewhere in between.
 *
 * Invariants
 *  L1  a letter is kept from the checkpoint of its epoch on, until that of the epoch in which it took effect again, or was
 *      deleted; or until there is no room for it any more, which is counted.
 *
 * Pure: who gives letters to whom stands in letter-desk.ts.
 */

import { type CellSnapshot, type EventDeadLetter, letterBytes } from "../../actors/index.ts";
import { deadLettersKeptBytesMax } from "../limits.ts";

/** A letter as it is kept; numbers increase. */
export interface KeptLetter {
  readonly number: number;
  readonly letter: EventDeadLetter;
  readonly bytes: number;
}

export interface LetterChange {
  readonly added: readonly KeptLetter[];
  readonly removed: readonly KeptLetter[];
  /** Those among the removed, and among those never added, for which there was no room. */
  readonly droppedCount: number;
}

const noChange: LetterChange = { added: [], removed: [], droppedCount: 0 };

export class LetterBox {
  readonly #keptMax: number;
  readonly #bytesMax: number;
  /** By id, oldest first. */
  readonly #letters = new Map<string, KeptLetter>();
  readonly #wished = new Set<string>();
  readonly #deleted = new Set<string>();
  /** Of all that are kept. */
  #bytes = 0;
  #newest = 0;
  #droppedCount = 0;

  constructor(keptMax: number, bytesMax = deadLettersKeptBytesMax) {
    this.#keptMax = keptMax;
    this.#bytesMax = bytesMax;
  }

  /** Letters for which there was no room; where they are stored also those of the runs before. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Those that are kept, oldest first. */
  list(): readonly EventDeadLetter[] {
    return [...this.#letters.values()].flatMap(({ letter }) => (this.#deleted.has(letter.id) ? [] : [letter]));
  }

  get(id: string): EventDeadLetter | undefined {
    return this.#deleted.has(id) ? undefined : this.#letters.get(id)?.letter;
  }

  /** Those that are to be given to their operators again, oldest first. */
  wished(): readonly EventDeadLetter[] {
    return this.#wished.size === 0 ? [] : this.list().filter(({ id }) => this.#wished.has(id));
  }

  /** Letters are to be given to their operators again; those that are not kept any more are left out. */
  wish(ids: Iterable<string>): void {
    for (const id of ids) if (this.#letters.has(id)) this.#wished.add(id);
  }

  /** Letters are to be kept no longer; they go with the next checkpoint. */
  delete(ids: Iterable<string>): void {
    for (const id of ids) if (this.#letters.has(id)) this.#deleted.add(id);
  }

  /** What the checkpoint of an epoch changes. */
  changeOf(snapshots: ReadonlyMap<string, readonly CellSnapshot[]>): LetterChange {
    const parts = [...snapshots.values()].flat();
    const taken = parts.flatMap(({ resubmitted }) => resubmitted);
    return this.change(
      parts.flatMap(({ deadLetters }) => deadLetters?.letters ?? []),
      [...taken, ...this.#deleted],
    );
  }

  change(letters: readonly EventDeadLetter[], ids: readonly string[]): LetterChange {
    if (letters.length === 0 && ids.length === 0) return noChange;
    const added = letters.map((letter, index) => {
      return { number: this.#newest + 1 + index, letter, bytes: letterBytes(letter) };
    });
    const gone = new Set(ids);
    const taken = [...gone].flatMap((id) => this.#letters.get(id) ?? []);
    const dropped = this.#beyondRoom(gone, taken, added);
    const removed = [...taken, ...dropped].filter((each) => this.#letters.get(each.letter.id) === each);
    return {
      added: added.filter((each) => !gone.has(each.letter.id) && !dropped.has(each)),
      removed: removed.toSorted((one, other) => one.number - other.number),
      droppedCount: dropped.size,
    };
  }

  /** All that is kept behind a change. */
  wholeOf({ added, removed, droppedCount }: LetterChange): LetterChange {
    const gone = new Set(removed);
    const kept = [...this.#letters.values()].filter((each) => !gone.has(each));
    return { added: [...kept, ...added], removed, droppedCount };
  }

  /** What was kept when the job ran before. */
  restore(letters: readonly KeptLetter[], droppedCount: number): void {
    this.apply({ added: letters, removed: [], droppedCount });
  }

  apply({ added, removed, droppedCount }: LetterChange): void {
    for (const { letter, bytes } of removed) {
      if (this.#letters.delete(letter.id)) this.#bytes -= bytes;
      this.#wished.delete(letter.id);
      this.#deleted.delete(letter.id);
    }
    for (const kept of added) {
      this.#bytes += kept.bytes - (this.#letters.get(kept.letter.id)?.bytes ?? 0);
      this.#letters.set(kept.letter.id, kept);
      this.#newest = Math.max(this.#newest, kept.number);
    }
    this.#droppedCount += droppedCount;
  }

  /** The letters for which there is no room: the oldest, and only then those that wait to be taken again. Walks no further than it has to. */
  #beyondRoom(
    gone: ReadonlySet<string>,
    taken: readonly KeptLetter[],
    added: readonly KeptLetter[],
  ): ReadonlySet<KeptLetter> {
    let count = this.#letters.size - taken.length + added.length;
    let bytes = this.#bytes - bytesOf(taken) + bytesOf(added);
    const dropped = new Set<KeptLetter>();
    for (const waiting of [false, true]) {
      for (const letters of [this.#letters.values(), added]) {
        for (const each of letters) {
          if (count <= this.#keptMax && bytes <= this.#bytesMax) return dropped;
          const { id } = each.letter;
          if (this.#wished.has(id) !== waiting || (letters !== added && gone.has(id))) continue;
          dropped.add(each);
          count -= 1;
          bytes -= each.bytes;
        }
      }
    }
    return dropped;
  }
}

function bytesOf(letters: readonly KeptLetter[]): number {
  return letters.reduce((sum, { bytes }) => sum + bytes, 0);
}
