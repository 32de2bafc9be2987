/**
 * SessionColumns: the sessions of keys that have one each, of which nothing has been told yet: their times and accumulators in arrays side by
 * side, by the numbers of keys. An event that makes one grow finds its number, and makes nothing.
 *
 * Keys whose session is over keep their numbers, until there are more of them than of others: then all are numbered anew.
 *
 * Invariants
 *  Z4  a key that is here has a session that is open.
 *  Z5  a key that leaves because its session is over is told as gone if it was ever told as present, and not mentioned otherwise.
 */

import { assert } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Batch, Key } from "../batch.ts";
import { isTime } from "../groupings/pre-aggregation.ts";
import type { Output } from "../operator.ts";
import { wholeKey } from "../state/state-table.ts";
import { KeyNumbers } from "./key-numbers.ts";
import { Session } from "./session.ts";

/** What the events of a run have in common. */
export interface SessionRun {
  readonly aggregate: Aggregate<unknown, unknown, unknown>;
  readonly gapMs: number;
  readonly mergesTouching: boolean;
  readonly now: number;
  readonly output: Output;
  /** Whether a key that is not here may be opened a session. */
  mayOpen(key: Key): boolean;
  /** One was opened, and is to be looked at. */
  opened(key: Key, due: number): void;
}

/** Of a key: start and end of its session, when it is looked at next, and how many events it has. */
const spanNumbers = 4;
const [endAt, dueAt, eventsAt] = [1, 2, 3];

/** Of a key that has a session: whether it has changed since it was told last, and whether it was ever told. */
const [isOpen, isChanged, isStored] = [1, 2, 4];

/** So many more keys than twice those with sessions have numbers. */
const spareNumbers = 1_024;
const roomMin = 64;

export class SessionColumns {
  #numbers = new KeyNumbers();
  /** By the numbers of keys. */
  #keys: Key[] = [];
  #accumulators: unknown[] = [];
  #spans = new Float64Array(spanNumbers * roomMin);
  #marks = new Uint8Array(roomMin);
  #size = 0;
  /** Z5 */
  #gone: Key[] = [];

  /** What a loop over events keeps at hand until a session is opened. */
  get #columns(): [KeyNumbers, Float64Array, Uint8Array, unknown[]] {
    return [this.#numbers, this.#spans, this.#marks, this.#accumulators];
  }

  /** How many sessions there are. */
  get size(): number {
    return this.#size;
  }

  /** The number of a key that has a session, good until one is opened; -1 for none. */
  find(key: Key): number {
    const number = this.#numbers.find(key);
    return number >= 0 && this.#marks[number] !== 0 ? number : -1;
  }

  endOf(number: number): number {
    return this.#spans[spanNumbers * number + endAt]!;
  }

  dueOf(number: number): number {
    return this.#spans[spanNumbers * number + dueAt]!;
  }

  setDue(number: number, due: number): void {
    this.#spans[spanNumbers * number + dueAt] = due;
  }

  /**
   * Adds the events of a batch from `from` to `to`, up to the first that neither opens a session nor makes one grow; its index. In one loop: times
   * that are handed from function to function become objects.
   */
  addRun(
    { aggregate, gapMs, mergesTouching, now, output, mayOpen, opened }: SessionRun,
    { values, times, keys }: Batch,
    from: number,
    to: number,
  ): number {
    let [numbers, spans, marks, accumulators] = this.#columns;
    for (let index = from; index < to; index += 1) {
      const time = times![index]!;
      if (!isTime(time)) return index;
      const until = time + gapMs;
      const key = keys === undefined ? wholeKey : keys[index]!;
      const number = numbers.find(key);
      if (number < 0 || marks[number] === 0) {
        if (until - 1 <= now || !mayOpen(key)) return index;
        output.begin(index);
        this.#open(key, time, until, aggregate.add(aggregate.create(), values[index], time));
        opened(key, until - 1);
        [numbers, spans, marks, accumulators] = this.#columns;
        continue;
      }
      const at = spanNumbers * number;
      const start = spans[at]!;
      const end = spans[at + endAt]!;
      const isMet = mergesTouching ? start <= until && time <= end : start < until && time < end;
      if (!isMet || end - 1 <= now) return index;
      output.begin(index);
      accumulators[number] = aggregate.add(accumulators[number], values[index], time);
      if (time < start) spans[at] = time;
      if (until > end) spans[at + endAt] = until;
      spans[at + eventsAt]! += 1;
      marks[number]! |= isChanged;
    }
    return to;
  }

  /**
   * A session comes here that was kept elsewhere, of a key that has none.
   *
   * @param wasTold whether it is as it was told last
   */
  put({ key, start, end, accumulator, sinceResult }: Session, due: number, wasTold: boolean): void {
    const number = this.#open(key, start, end, accumulator);
    this.#spans[spanNumbers * number + dueAt] = due;
    this.#spans[spanNumbers * number + eventsAt] = sinceResult;
    if (wasTold) this.#marks[number] = isOpen | isStored;
  }

  /** The session of a key, which may be kept elsewhere. */
  sessionOf(number: number): Session {
    const at = spanNumbers * number;
    const session = new Session(this.#keys[number]!, this.#spans[at]!, this.#spans[at + endAt]!);
    session.accumulator = this.#accumulators[number];
    session.sinceResult = this.#spans[at + eventsAt]!;
    return session;
  }

  /** The session of a key is kept elsewhere from now on. */
  release(number: number): void {
    this.#marks[number] = 0;
    this.#accumulators[number] = undefined;
    this.#size -= 1;
  }

  /** The session of a key is over. */
  drop(number: number): void {
    if ((this.#marks[number]! & isStored) !== 0) this.#gone.push(this.#keys[number]!);
    this.release(number);
  }

  /** Z5: the keys that are gone since the call before. */
  takeGone(): readonly Key[] {
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }

  /** The sessions that have changed since the call before. */
  takeChanged(): readonly Session[] {
    const changed: Session[] = [];
    for (let number = 0; number < this.#keys.length; number += 1) {
      if ((this.#marks[number]! & isChanged) === 0) continue;
      this.#marks[number] = isOpen | isStored;
      changed.push(this.sessionOf(number));
    }
    return changed;
  }

  #open(key: Key, start: number, end: number, accumulator: unknown): number {
    if (this.#keys.length > 2 * this.#size + spareNumbers) this.#renumber();
    const number = this.#numbers.of(key);
    if (number >= this.#marks.length) this.#grow();
    assert(this.#marks[number] === 0, "Z4: a key has one session here");
    this.#keys[number] = key;
    this.#accumulators[number] = accumulator;
    const at = spanNumbers * number;
    this.#spans[at] = start;
    this.#spans[at + endAt] = end;
    this.#spans[at + dueAt] = end - 1;
    this.#spans[at + eventsAt] = 1;
    this.#marks[number] = isOpen | isChanged;
    this.#size += 1;
    return number;
  }

  #grow(): void {
    const [spans, marks] = [this.#spans, this.#marks];
    this.#spans = new Float64Array(2 * spans.length);
    this.#spans.set(spans);
    this.#marks = new Uint8Array(2 * marks.length);
    this.#marks.set(marks);
  }

  /** Keys without a session have no number any more. */
  #renumber(): void {
    const [keys, accumulators, spans, marks] = [this.#keys, this.#accumulators, this.#spans, this.#marks];
    this.#numbers = new KeyNumbers();
    this.#keys = [];
    this.#accumulators = [];
    for (let number = 0; number < keys.length; number += 1) {
      const mark = marks[number]!;
      if (mark === 0) continue;
      const key = keys[number]!;
      const next = this.#numbers.of(key);
      this.#keys[next] = key;
      this.#accumulators[next] = accumulators[number];
      // Never behind what is still to be moved.
      spans.copyWithin(spanNumbers * next, spanNumbers * number, spanNumbers * (number + 1));
      marks[next] = mark;
    }
    marks.fill(0, this.#keys.length);
  }
}
