/**
 * windowJoin: pairs of a left and a right event of the same key that are in the same window, all of a window at once, when event time
 * has reached its last moment. Results have that moment for an event time.
 *
 * An event is kept once, however many windows it is in, and leaves with the last of them.
 *
 * Invariants
 *  D1  every window is joined once: for each key it is noted up to where that was done, where windows overlap.
 *  D2  of each key that has rows there is a note at or before the last moment of its first window, the time of which is kept by its rows of one
 *      side; a note of another time counts for nothing.
 *
 * Not here: which windows there are (join-windows.ts), what is kept (join-state.ts).
 */

import { OptionError } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { batchEventsMax } from "../limits.ts";
import { lateOutputName, type OperatorSpec, type Output } from "../operator.ts";
import { checkPlainResult } from "../operators/plain-function.ts";
import { followedBy, type Pieces, untilDone } from "../pieces.ts";
import { type StateSize, sumOfSizes } from "../state/state-size.ts";
import { TimeHeap } from "../time/time-heap.ts";
import type { Watermark } from "../time/watermark.ts";
import type { Window } from "../windows/aligned-windows.ts";
import type { WindowAssigner } from "../windows/window-assigner.ts";
import { checkJoin, JoinLogic, type JoinOptions, type JoinSettings, lateOutput } from "./join-logic.ts";
import { type JoinRow, JoinRows } from "./join-rows.ts";
import { type JoinCell, JoinRowsError, JoinState } from "./join-state.ts";
import { type JoinSide, keepsUnmatched } from "./join-type.ts";
import { type JoinWindows, joinWindows } from "./join-windows.ts";
import { PassedWindows } from "./passed-windows.ts";

/** A result of a window join. */
export interface WindowJoined<K extends Key, R> {
  readonly key: K;
  readonly window: Window;
  readonly value: R;
}

/**
 * Joins its first input, the left one, with its second. Both have keys. An event all of whose windows have been joined goes to the
 * output "late"; one without event time is given up with ERR_ACT_EVENT_TIME.
 *
 * @param join makes the result of a pair, or with undefined on one side that of an event without a partner. When it throws, the left
 *   event, or the one without a partner, is given up
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function windowJoin<L, R, B>(
  assigner: WindowAssigner<never>,
  join: (left: L | undefined, right: R | undefined) => B,
  options: JoinOptions = {},
): OperatorSpec {
  if ("allowedLateness" in options)
    throw new OptionError("windowJoin: allowedLateness", options.allowedLateness, final);
  const settings = checkJoin("windowJoin", join, options);
  joinWindows(assigner);
  const outputs = ["main", lateOutputName];
  return { kind: "windowJoin", outputs, create: () => new WindowJoinLogic(settings, joinWindows(assigner)) };
}

const final = "nothing: what a join puts out is final, and cannot take back that an event had no partner";

const noRows = new JoinRows();

class WindowJoinLogic extends JoinLogic {
  readonly #settings: JoinSettings;
  readonly #windows: JoinWindows;
  readonly #states = [new JoinState(0, false), new JoinState(1, false)] as const;
  /** D1 */
  readonly #passed: PassedWindows;
  /** D2: when the first window of a key is looked at. No part of a snapshot. */
  readonly #due = new TimeHeap<Key>();

  constructor(settings: JoinSettings, windows: JoinWindows) {
    super();
    this.#settings = settings;
    this.#windows = windows;
    this.#passed = new PassedWindows(windows.overlap);
  }

  onWatermark({ time, isIdle }: Watermark, output: Output): Pieces | undefined {
    const lookAtSome = () => {
      return this.#due.takeUntil(time, batchEventsMax, (key, dueTime) => this.#lookAt(key, dueTime, output));
    };
    return followedBy(untilDone(lookAtSome), () => output.advance(time, isIdle));
  }

  stateSize(): StateSize {
    return sumOfSizes([...this.#states, this.#passed].map(({ stateSize }) => stateSize));
  }

  snapshot(): readonly StateEntry[] {
    return [...this.#states.flatMap((state) => state.snapshot()), ...this.#passed.snapshot()];
  }

  restore(groups: readonly StateGroup[]): void {
    this.#passed.restore(groups);
    const [left, right] = this.#states;
    const note = (cell: JoinCell, leftRows: JoinRows | undefined, rightRows: JoinRows | undefined) => {
      const window = this.#windows.first(leftRows, rightRows, this.#passed.of(cell.key));
      if (window === undefined) return;
      cell.dueTime = window.end - 1;
      this.#due.add(cell.dueTime, cell.key);
    };
    left.restore(groups, (cell) => note(cell, cell.value, undefined));
    // A session may have rows of both sides: those of the left one are known by now.
    right.restore(groups, (cell) => note(cell, left.find(cell.key)?.value, cell.value));
  }

  protected override expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#states[0].expect(keys, from, index, to);
    this.#states[1].expect(keys, from, index, to);
    this.#passed.expect(keys, from, index, to);
  }

  protected override take(
    side: JoinSide,
    key: Key,
    time: number,
    value: unknown,
    watermark: number,
    output: Output,
  ): void {
    const left = this.#states[0].find(key);
    const right = this.#states[1].find(key);
    const own = side === 0 ? left : right;
    const { rowsMax } = this.#settings;
    const end = this.#windows.endOf(value, time, watermark, left?.value, right?.value);
    if (end === "outside") return;
    if (end === "late") return output.emitTo(lateOutput, value, time);
    if (own !== undefined && own.value.size >= rowsMax) {
      return this.context.deadLetter(value, new JoinRowsError(this.context.operator, key, rowsMax));
    }
    this.#passed.raise(key, watermark);
    const grown = this.#states[side].add(own, key, time, value, false);
    this.#note(grown, side === 0 ? right : left, end - 1);
  }

  /** Joins the first window of a key, if it is over, and looks when the next one is. */
  #lookAt(key: Key, dueTime: number, output: Output): void {
    const left = this.#states[0].find(key);
    const right = this.#states[1].find(key);
    // D2
    if (left?.dueTime !== dueTime && right?.dueTime !== dueTime) return;
    const passed = this.#passed.of(key);
    const window = this.#windows.first(left?.value, right?.value, passed);
    if (window !== undefined && window.end - 1 <= dueTime) {
      this.#join(key, window, left?.value ?? noRows, right?.value ?? noRows, output);
      this.#leave(left, window);
      this.#leave(right, window);
      if (left?.present !== true && right?.present !== true) return this.#passed.forget(key);
      this.#passed.raise(key, window.end - 1);
    }
    this.#noteNext(left?.present ? left : undefined, right?.present ? right : undefined);
  }

  #join(key: Key, window: Window, left: JoinRows, right: JoinRows, output: Output): void {
    const { type } = this.#settings;
    if (left.size === 0 && !keepsUnmatched(type, 1)) return;
    if (right.size === 0 && !keepsUnmatched(type, 0)) return;
    const leftFrom = left.indexFrom(window.start);
    const leftTo = left.indexFrom(window.end);
    const rightFrom = right.indexFrom(window.start);
    const rightTo = right.indexFrom(window.end);
    if (rightFrom === rightTo && keepsUnmatched(type, 0)) {
      for (let index = leftFrom; index < leftTo; index += 1) this.#put(key, window, left.at(index), undefined, output);
    }
    if (leftFrom === leftTo && keepsUnmatched(type, 1)) {
      for (let index = rightFrom; index < rightTo; index += 1) {
        this.#put(key, window, undefined, right.at(index), output);
      }
    }
    for (let index = leftFrom; index < leftTo; index += 1) {
      const one = left.at(index);
      for (let other = rightFrom; other < rightTo; other += 1) this.#put(key, window, one, right.at(other), output);
    }
  }

  #put(key: Key, window: Window, left: JoinRow | undefined, right: JoinRow | undefined, output: Output): void {
    let value: unknown;
    try {
      value = this.#settings.join(left?.value, right?.value);
      checkPlainResult("windowJoin", value);
    } catch (error) {
      const [row, input] = left === undefined ? [right as JoinRow, 1] : [left, 0];
      this.context.deadLetter(row.value, error, { key, time: row.time, input, attempts: 1 });
      return;
    }
    output.emit({ key, window, value }, window.end - 1);
  }

  /** What is in no window behind the one that was joined. */
  #leave(cell: JoinCell | undefined, joined: Window): void {
    if (cell === undefined) return;
    const state = this.#states[cell.side];
    while (cell.value.first !== undefined && this.#windows.isOver(cell.value.first.time, joined)) state.shift(cell);
  }

  /** Takes note of the first window of a key that was looked at. */
  #noteNext(left: JoinCell | undefined, right: JoinCell | undefined): void {
    const cell = left ?? right;
    if (cell === undefined) return;
    const window = this.#windows.first(left?.value, right?.value, this.#passed.of(cell.key));
    if (right !== undefined && right !== cell) this.#states[1].setDue(right, Number.NaN);
    this.#states[cell.side].setDue(cell, Number.NaN);
    if (window !== undefined) this.#note(cell, undefined, window.end - 1);
  }

  /** @param other the rows of the other side */
  #note(cell: JoinCell, other: JoinCell | undefined, dueTime: number): void {
    // Neither where there is no note yet.
    if (cell.dueTime <= dueTime || (other !== undefined && other.dueTime <= dueTime)) return;
    this.#states[cell.side].setDue(cell, dueTime);
    this.#due.add(dueTime, cell.key);
  }
}
