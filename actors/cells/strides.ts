/**
 * Strides: what a source has read and not handed on yet, in the order it was read, each with its positions. Pure.
 *
 * Invariants
 *  S1  where strides are reserved, the events of one are handed on only after it was released.
 *  S2  what `standing` says is exact: reading on from its position, without the first `skipCount` events, repeats nothing and
 *      leaves out nothing; what `end` says repeats nothing, and counts what it leaves out.
 */

import { assert, mutated } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { Position } from "../source.ts";

export interface Stride {
  readonly seq: number;
  readonly batch: Batch;
  /** Where the input stands before and behind it. */
  readonly before: Position;
  readonly behind: Position;
  /** How many events between the position before it and its first one were handed on when they were read. */
  readonly passedCount: number;
  /** How many of its events were handed on. */
  from: number;
}

/** Where a source stands, to the event: events behind the position that were handed on are counted. */
export interface SourceStanding {
  readonly position: Position;
  readonly skipCount: number;
}

/** Where a source stands that hands on nothing any more. */
export interface SourceEnd {
  readonly standing: SourceStanding;
  /** Events before that it has not handed on, and that do not come again. */
  readonly unsureEvents: number;
}

export class Strides {
  readonly #strides: Stride[] = [];
  readonly #areReserved: boolean;
  #skipCount: number;
  #position: Position;
  #nextSeq = 0;
  #releasedSeq = 0;
  #confirmedSeq = 0;

  /** @param areReserved whether a stride waits until it is released */
  constructor(areReserved: boolean, { position, skipCount }: SourceStanding) {
    this.#areReserved = areReserved;
    this.#position = position;
    this.#skipCount = skipCount;
  }

  get count(): number {
    return this.#strides.length;
  }

  /** Behind everything that was read. */
  get position(): Position {
    return this.#position;
  }

  /** Events that are still to be left out when they are read again. */
  get skipCount(): number {
    return this.#skipCount;
  }

  /** What was read and is to be handed on. */
  get waitingEvents(): number {
    let count = 0;
    for (const { batch, from } of this.#strides) count += batch.values.length - from;
    return count;
  }

  get standing(): SourceStanding {
    const first = this.#strides[0];
    if (first === undefined) return { position: this.#position, skipCount: this.#skipCount };
    return { position: first.before, skipCount: first.passedCount + first.from };
  }

  /**
   * Where it stands that hands on nothing any more, and how many events before that it has not handed on: what it has told its input not to
   * keep does not come again.
   */
  get end(): SourceEnd {
    const last = this.#strides.findLast(({ seq }) => seq < this.#confirmedSeq);
    if (last === undefined || mutated("source.halts-early")) return { standing: this.standing, unsureEvents: 0 };
    const gone = this.#strides.slice(0, this.#strides.indexOf(last) + 1);
    const unsureEvents = gone.reduce((sum, { batch, from }) => sum + batch.values.length - from, 0);
    return { standing: { position: last.behind, skipCount: 0 }, unsureEvents };
  }

  /**
   * Adds what was read; undefined when all of it was handed on before the source was opened.
   *
   * @param passedCount events that were read before these, and handed on at once
   */
  push(batch: Batch, behind: Position, passedCount = 0): Stride | undefined {
    const before = this.#position;
    assert(passedCount === 0 || this.#skipCount === 0, "S2: what is left out is not handed on");
    this.#position = behind;
    const skipped = Math.min(this.#skipCount, batch.values.length);
    this.#skipCount -= skipped;
    if (skipped === batch.values.length) return undefined;
    const stride = { seq: this.#nextSeq, batch, before, behind, passedCount, from: skipped };
    this.#nextSeq += 1;
    this.#strides.push(stride);
    return stride;
  }

  /** Nothing was read that is not handed on, and the input stands here. */
  moveTo(position: Position): void {
    this.#position = position;
  }

  /** So many events behind the position were handed on, and are read again from there. */
  skip(passedCount: number): void {
    this.#skipCount += passedCount;
  }

  /** The input has ended: returns how many events were still to be left out. */
  skipNoMore(): number {
    const count = this.#skipCount;
    this.#skipCount = 0;
    return count;
  }

  /** The input is told that it need not keep the stride `seq`, nor those before it. */
  confirm(seq: number): void {
    this.#confirmedSeq = Math.max(this.#confirmedSeq, seq + 1);
  }

  /** The stride `seq` may be handed on, and those before it. */
  release(seq: number): void {
    this.#releasedSeq = Math.max(this.#releasedSeq, seq + 1);
  }

  /** The newest one up to `seq`. */
  upTo(seq: number): Stride | undefined {
    return this.#strides.findLast((stride) => stride.seq <= seq);
  }

  /** What is to be handed on now. */
  get next(): Stride | undefined {
    const first = this.#strides[0];
    return first === undefined || (this.#areReserved && first.seq >= this.#releasedSeq) ? undefined : first;
  }

  /** Events of the next stride, up to `to`, are handed on. */
  take(to: number): void {
    const first = this.#strides[0];
    assert(first !== undefined && to > first.from, "what is handed on was read");
    first.from = to;
    if (to === first.batch.values.length) this.#strides.shift();
  }

  /** Gives back what was not released, to be read again. */
  dropUnreleased(): void {
    const index = this.#strides.findIndex(({ seq }) => seq >= this.#releasedSeq);
    const [first] = index === -1 ? [] : this.#strides.splice(index);
    if (first !== undefined) {
      this.#position = first.before;
      this.#skipCount = first.passedCount + first.from;
    }
  }
}
