/**
 * PassedToColumns: events of a source that go into the batch of a channel to another thread as they are emitted: their fields straight into its
 * columns. No array holds them in between, and where nothing else keeps them the compiler need not make them (docs/decisions/0074).
 *
 * It is for sources of which it is sure what keys their events have. An event with a value that has no place in a column goes the way of batches,
 * and so does what is emitted behind it in the same poll.
 */

import { assert, type RowColumns } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { noOverflow, type Passer, type Passing, passedOutput } from "../cells/passer.ts";
import type { FrequentKeys } from "../groupings/frequent-keys.ts";
import type { KeySelector } from "../groupings/grouping.ts";
import { checkKey } from "../groupings/key-hash.ts";
import { sentBatchEventsMax } from "../limits.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import type { SourceOutput } from "../source.ts";
import type { OutputChannel, Refuse } from "./output-edge.ts";

/** What becomes of events while they are emitted. */
export interface ColumnPassing extends Passing {
  /** What progress was told. */
  told: number;
  failure: { readonly value: unknown; readonly error: unknown } | undefined;
}

export class PassedToColumns implements Passer {
  readonly #channel: OutputChannel;
  readonly #selector: KeySelector<unknown>;
  readonly #frequent: FrequentKeys;
  readonly #progress: Int32Array;
  readonly #refuse: Refuse;
  readonly #passing: ColumnPassing = { room: 0, count: 0, told: 0, failure: undefined, overflow: noOverflow };
  /** How many rows there were before. */
  #rowsBefore = 0;
  /** The column that had no place for a value. */
  #misfit: number | undefined;
  #output: SourceOutput<unknown> | undefined;
  /** What `#output` was made of. */
  readonly #madeOf: { take?: RowColumns["take"]; hasKey?: RowColumns["hasKey"] } = {};

  /** @param channel the only one of its edge */
  constructor(
    channel: OutputChannel,
    selector: KeySelector<unknown>,
    frequent: FrequentKeys,
    progress: Int32Array,
    refuse: Refuse,
  ) {
    this.#channel = channel;
    this.#selector = selector;
    this.#frequent = frequent;
    this.#progress = progress;
    this.#refuse = refuse;
  }

  startPassing(room: number, overflow: SourceOutput<unknown>): SourceOutput<unknown> | undefined {
    const { rows, builder } = this.#channel;
    if (rows === undefined || !builder.takesTimes(false)) return undefined;
    builder.expectTimes(false);
    if (builder.length > 0) this.#channel.flush(this.#refuse);
    const passing = this.#passing;
    passing.room = Math.min(room, rows.room - rows.count);
    passing.count = 0;
    passing.told = this.#progress[0]!;
    passing.failure = undefined;
    passing.overflow = overflow;
    this.#rowsBefore = rows.count;
    return this.#outputFor(rows);
  }

  get passedCount(): number {
    return this.#passing.count;
  }

  endPassing(): void {
    const { failure } = this.#passing;
    const { rows } = this.#channel;
    assert(rows !== undefined, "events were passed to columns");
    this.#passing.room = 0;
    const from = this.#rowsBefore;
    this.#frequent.noteEach(rows.count - from, (index) => rows.keyAt(from + index) as Key);
    if (failure !== undefined) this.#refuse(failure.value, failure.error);
    if (this.#misfit !== undefined || rows.count >= sentBatchEventsMax) this.#channel.flush(this.#refuse);
    if (this.#misfit !== undefined) rows.widen(this.#misfit);
    this.#misfit = undefined;
  }

  #outputFor(rows: RowColumns): SourceOutput<unknown> {
    const madeOf = this.#madeOf;
    const { take, hasKey } = rows;
    if (this.#output !== undefined && madeOf.take === take && madeOf.hasKey === hasKey) return this.#output;
    madeOf.take = take;
    madeOf.hasKey = hasKey;
    const selector = this.#selector;
    const passing = this.#passing;
    const putOff = (value: unknown, column: number) => {
      passing.room = 0;
      this.#misfit = column;
      passing.overflow.emit(value);
    };
    const make = ownCopy(passToColumns, textsOf([selector, take, hasKey]));
    const emit = make(selector, rows, take, hasKey, passing, this.#progress, checkKey, putOff);
    this.#output = passedOutput(emit, passing, true);
    return this.#output;
  }
}

/**
 * Takes an event. It is copied for the author's functions, and names nothing but its parameters (own-copy.ts).
 *
 * @param putOff takes an event with a value that has no place in this column
 */
function passToColumns(
  selector: KeySelector<unknown>,
  rows: RowColumns,
  take: RowColumns["take"],
  hasKey: RowColumns["hasKey"],
  passing: ColumnPassing,
  progress: Int32Array,
  check: typeof checkKey,
  putOff: (value: unknown, column: number) => void,
): SourceOutput<unknown>["emit"] {
  return (value, time) => {
    if (passing.room === 0 || time !== undefined) return passing.overflow.emit(value, time);
    const at = rows.count;
    const misfit = take(value, at);
    if (misfit >= 0) return putOff(value, misfit);
    passing.room -= 1;
    passing.count += 1;
    passing.told = (passing.told + 1) | 0;
    progress[0] = passing.told;
    try {
      const key: unknown = selector(value);
      check("keyBy", key);
      if (rows.keys !== undefined || !hasKey(value, key)) rows.keep(key);
      rows.count = at + 1;
    } catch (error) {
      passing.failure = { value, error };
      passing.room = 0;
    }
  };
}
