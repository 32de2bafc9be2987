/**
 * windowJoin: pairs of a left and a right event of the same key that are in the same window, all of a window at once, when event time
 * has reached its last moment. Results have that moment for an event time.
 *
 * An event is kept once, however many windows it is in, and leaves with the last of them.
 *
 * Invariants
 *  D1  every window is joined once: for each key it is noted up to where that was done, where windows overlap.
 *  D2  of each key that has rows there is a note at or before the last moment of its first window; a note whose time is not that of the
 *      newest one of its key counts for nothing.
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
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import { type StateSize, sumOfSizes } from "../state/state-size.ts";
import { plainCells } from "../state/state-table.ts";
import { TimeHeap } from "../time/time-heap.ts";
import type { Watermark } from "../time/watermark.ts";
import type { Window } from "../windows/aligned-windows.ts";
import type { WindowAssigner } from "../windows/window-assigner.ts";
import { checkJoin, JoinLogic, type JoinOptions, type JoinSettings, lateOutput } from "./join-logic.ts";
import { type JoinRow, JoinRows } from "./join-rows.ts";
import { type JoinCell, JoinRowsError, JoinState } from "./join-state.ts";
import { type JoinSide, keepsUnmatched } from "./join-type.ts";
import { type BothRows, type JoinWindows, joinWindows } from "./join-windows.ts";
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
  readonly #notes = new KeyedState<number>(false, plainCells<number>().packing);
  readonly #due = new TimeHeap<Key>();

  constructor(settings: JoinSettings, windows: JoinWindows) {
    super();
    this.#settings = settings;
    this.#windows = windows;
    this.#passed = new PassedWindows(windows.overlap);
  }

  onWatermark({ time, isIdle }: Watermark, output: Output): Pieces | undefined {
    const lookAtSome = () => {
      return this.#due.takeUntil(time, batchEventsMax, (key, dueTime) => {
        const note = this.#notes.find(key);
        if (note?.value !== dueTime) return;
        this.#notes.remove(note);
        this.#lookAt(key, dueTime, output);
      });
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
    left.restore(groups, ({ key, value }) => this.#noteFirst(key, [value, undefined]));
    // A session may have rows of both sides: those of the left one are known by now.
    right.restore(groups, ({ key, value }) => this.#noteFirst(key, [left.find(key)?.value, value]));
  }

  protected override expect(keys: readonly Key[], from: number, index: number, to: number): void {
    for (const state of [...this.#states, this.#passed]) state.expect(keys, from, index, to);
    this.#notes.expect(keys, from, index, to);
  }

  protected override take(
    side: JoinSide,
    key: Key,
    time: number,
    value: unknown,
    watermark: number,
    output: Output,
  ): void {
    const [left, right] = [this.#states[0].find(key), this.#states[1].find(key)];
    const own = side === 0 ? left : right;
    const { rowsMax } = this.#settings;
    const earliest = Math.min(
      left?.value.first?.time ?? Number.POSITIVE_INFINITY,
      right?.value.first?.time ?? Number.POSITIVE_INFINITY,
    );
    const end = this.#windows.endOf(value, time, watermark, earliest);
    if (end === "outside") return;
    if (end === "late") return output.emitTo(lateOutput, value, time);
    if (own !== undefined && own.value.size >= rowsMax) {
      return this.context.deadLetter(value, new JoinRowsError(this.context.operator, key, rowsMax));
    }
    this.#passed.raise(key, watermark);
    this.#states[side].add(own, key, time, value, false);
    this.#note(key, end - 1);
  }

  /** Joins the first window of a key, if it is over, and looks when the next one is. */
  #lookAt(key: Key, dueTime: number, output: Output): void {
    const cells: BothCells = [this.#states[0].find(key), this.#states[1].find(key)];
    const window = this.#windows.first(rowsOf(cells), this.#passed.of(key));
    if (window !== undefined && window.end - 1 <= dueTime) {
      this.#join(key, window, rowsOf(cells), output);
      this.#leave(key, window, cells);
    }
    this.#noteFirst(key, rowsOf(cells));
  }

  #join(key: Key, window: Window, [left = noRows, right = noRows]: BothRows, output: Output): void {
    const { type } = this.#settings;
    const [lefts, rights] = [inWindow(left, window), inWindow(right, window)];
    if (rights.length === 0 && keepsUnmatched(type, 0)) {
      for (const row of lefts) this.#put(key, window, row, undefined, output);
    }
    if (lefts.length === 0 && keepsUnmatched(type, 1)) {
      for (const row of rights) this.#put(key, window, undefined, row, output);
    }
    for (const one of lefts) for (const other of rights) this.#put(key, window, one, other, output);
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
  #leave(key: Key, joined: Window, cells: BothCells): void {
    for (const cell of cells) {
      if (cell === undefined) continue;
      const state = this.#states[cell.side];
      while (cell.value.first !== undefined && this.#windows.isOver(cell.value.first.time, joined)) state.shift(cell);
    }
    if (rowsOf(cells).every((rows) => rows === undefined)) this.#passed.forget(key);
    else this.#passed.raise(key, joined.end - 1);
  }

  #noteFirst(key: Key, rows: BothRows): void {
    const window = this.#windows.first(rows, this.#passed.of(key));
    if (window !== undefined) this.#note(key, window.end - 1);
  }

  #note(key: Key, dueTime: number): void {
    const note = this.#notes.find(key);
    if (note === undefined) this.#notes.add(new KeyedCell(key, dueTime));
    else if (note.value <= dueTime) return;
    else this.#notes.write(note, dueTime);
    this.#due.add(dueTime, key);
  }
}

type BothCells = readonly [left: JoinCell | undefined, right: JoinCell | undefined];

/** Of a side without any, undefined. */
function rowsOf(cells: BothCells): BothRows {
  const [left, right] = cells;
  return [left?.present ? left.value : undefined, right?.present ? right.value : undefined];
}

function inWindow(rows: JoinRows, { start, end }: Window): readonly JoinRow[] {
  const found: JoinRow[] = [];
  let index = rows.indexFrom(start);
  for (let row = rows.at(index); row !== undefined && row.time < end; row = rows.at(index)) {
    found.push(row);
    index += 1;
  }
  return found;
}
