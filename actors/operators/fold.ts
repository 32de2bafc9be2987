/**
 * Fold: what `scan`, `reduce` and `count` share: one state per key, replaced at every event, and when it is told. On
 * input without keys there is one state for the whole instance.
 *
 * Invariants
 *  F1  an event that fails changes no state, and does not appear in any later result.
 *  F2  "batch": one result per key that the batch touched, also when events of it failed in between.
 *  F3  a result has the event time of the event that made it.
 */

import { OptionError } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import type { OperatorContext, OperatorLogic, Output } from "../operator.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import { type EventContext, EventCursor } from "./event-context.ts";

/** When the state is told: after each event, once per batch and key touched, or once per key when the stream ends. */
export type Emission = "each" | "batch" | "end";

export interface Fold<S> {
  /** The state after the first event of a key. Like `next`, throws before anything has changed. */
  first(value: unknown, context: EventContext): S;
  next(state: S, value: unknown, context: EventContext): S;
  keyedResult(key: Key, state: S): unknown;
  /** The result on input without keys. */
  wholeResult(state: S): unknown;
}

/** @throws ERR_RT_OPTION when it is none */
export function checkEmission(kind: string, emission: unknown): Emission {
  if (emission === "each" || emission === "batch" || emission === "end") return emission;
  throw new OptionError(`${kind}: emit`, emission, '"each", "batch" or "end"');
}

/** The state of a key, and what is yet to be told of it. */
class FoldCell<S> extends KeyedCell<S> {
  /** The event time of the newest event; kept for "end" only. */
  time: number | undefined;
  /** The newest event of the batch in hand; kept for "batch" only. */
  index = 0;
  touched = false;
}

export class FoldLogic<S> implements OperatorLogic {
  readonly #fold: Fold<S>;
  readonly #emission: Emission;
  readonly #state = new KeyedState<S, FoldCell<S>>();
  /** The only cell of input without keys; its key is not looked at. */
  #whole: FoldCell<S> | undefined;
  /** In the order they were first touched. */
  #touched: FoldCell<S>[] = [];
  #cursor!: EventCursor;

  constructor(fold: Fold<S>, emission: Emission) {
    this.#fold = fold;
    this.#emission = emission;
  }

  open(context: OperatorContext): void {
    this.#cursor = new EventCursor(context);
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const emission = this.#emission;
    const { values, times, keys } = batch;
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      this.#cursor.moveTo(batch, index);
      const cell = keys === undefined ? this.#addWhole(values[index]) : this.#add(keys[index]!, values[index]);
      if (emission === "each") {
        output.emit(this.#result(cell));
      } else if (emission === "end") {
        cell.time = times?.[index];
      } else {
        cell.index = index;
        if (!cell.touched) {
          cell.touched = true;
          this.#touched.push(cell);
        }
      }
    }
    if (emission === "batch") this.#emitTouched(times, output);
  }

  onEnd(output: Output): void {
    if (this.#emission !== "end") return;
    if (this.#whole !== undefined) output.emit(this.#result(this.#whole), this.#whole.time);
    for (const cell of this.#state.cells()) output.emit(this.#result(cell), cell.time);
  }

  #add(key: Key, value: unknown): FoldCell<S> {
    const cell = this.#state.find(key);
    if (cell !== undefined) {
      this.#state.write(cell, this.#fold.next(cell.value, value, this.#cursor));
      return cell;
    }
    const created = new FoldCell<S>(key, this.#fold.first(value, this.#cursor));
    this.#state.add(created);
    return created;
  }

  #addWhole(value: unknown): FoldCell<S> {
    if (this.#whole === undefined) this.#whole = new FoldCell<S>("", this.#fold.first(value, this.#cursor));
    else this.#whole.value = this.#fold.next(this.#whole.value, value, this.#cursor);
    return this.#whole;
  }

  #result(cell: FoldCell<S>): unknown {
    return cell === this.#whole ? this.#fold.wholeResult(cell.value) : this.#fold.keyedResult(cell.key, cell.value);
  }

  #emitTouched(times: readonly number[] | undefined, output: Output): void {
    for (const cell of this.#touched) {
      cell.touched = false;
      output.emit(this.#result(cell), times?.[cell.index]);
    }
    this.#touched = [];
  }
}
