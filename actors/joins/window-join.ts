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
import { lateOutputName, type OperatorSpec, type Output } from "../operator.ts";
import { checkPlainResult } from "../operators/plain-function.ts";
import { TimeHeap } from "../time/time-heap.ts";
import type { Watermark } from "../time/watermark.ts";
import type { Window } from "../windows/aligned-windows.ts";
import type { WindowAssigner } from "../windows/window-assigner.ts";
import { checkJoin, JoinLogic, type JoinOptions, type JoinSettings, lateOutput } from "./join-logic.ts";
import { type JoinRow, JoinRows } from "./join-rows.ts";
import { JoinRowsError, JoinState } from "./join-state.ts";
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

/** D2 */
interface Note {
  readonly key: Key;
  dueTime: number;
}

const noRows = new JoinRows();

class WindowJoinLogic extends JoinLogic {
  readonly #settings: JoinSettings;
  readonly #windows: JoinWindows;
  readonly #states = [new JoinState(0, false), new JoinState(1, false)] as const;
  /** D1 */
  readonly #passed: PassedWindows;
  readonly #notes = new Map<Key, Note>();
  readonly #due = new TimeHeap<Note>();

  constructor(settings: JoinSettings, windows: JoinWindows) {
    super();
    this.#settings = settings;
    this.#windows = windows;
    this.#passed = new PassedWindows(windows.overlap);
  }

  onWatermark({ time, isIdle }: Watermark, output: Output): void {
    this.#due.takeUntil(time, (note, dueTime) => {
      if (note.dueTime === dueTime) this.#lookAt(note, output);
    });
    output.advance(time, isIdle);
  }

  snapshot(): readonly StateEntry[] {
    return [...this.#states.flatMap((state) => state.snapshot()), ...this.#passed.snapshot()];
  }

  restore(groups: readonly StateGroup[]): void {
    this.#passed.restore(groups);
    for (const state of this.#states) state.restore(groups);
    for (const state of this.#states) {
      for (const { key } of state.cells()) if (!this.#notes.has(key)) this.#noteFirst(key);
    }
  }

  protected override take(
    side: JoinSide,
    key: Key,
    time: number,
    value: unknown,
    watermark: number,
    output: Output,
  ): void {
    const rows = this.#rowsOf(key);
    const { rowsMax } = this.#settings;
    const earliest = Math.min(...rows.map((own) => own?.first?.time ?? Number.POSITIVE_INFINITY));
    const end = this.#windows.endOf(value, time, watermark, earliest);
    if (end === "outside") return;
    if (end === "late") return output.emitTo(lateOutput, value, time);
    if ((rows[side]?.size ?? 0) >= rowsMax) {
      return this.context.deadLetter(value, new JoinRowsError(this.context.operator, key, rowsMax));
    }
    this.#passed.raise(key, watermark);
    this.#states[side].add(key, time, value, false);
    this.#note(key, end - 1);
  }

  /** Joins the first window of a key, if it is over, and looks when the next one is. */
  #lookAt({ key, dueTime }: Note, output: Output): void {
    const window = this.#windows.first(this.#rowsOf(key), this.#passed.of(key));
    if (window !== undefined && window.end - 1 <= dueTime) {
      this.#join(key, window, output);
      this.#leave(key, window);
    }
    this.#notes.delete(key);
    this.#noteFirst(key);
  }

  #join(key: Key, window: Window, output: Output): void {
    const { type } = this.#settings;
    const [left = noRows, right = noRows] = this.#rowsOf(key);
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
  #leave(key: Key, joined: Window): void {
    for (const state of this.#states) {
      const cell = state.find(key);
      while (cell?.value.first !== undefined && this.#windows.isOver(cell.value.first.time, joined)) state.shift(cell);
    }
    if (this.#rowsOf(key).every((rows) => rows === undefined)) this.#passed.forget(key);
    else this.#passed.raise(key, joined.end - 1);
  }

  #noteFirst(key: Key): void {
    const window = this.#windows.first(this.#rowsOf(key), this.#passed.of(key));
    if (window !== undefined) this.#note(key, window.end - 1);
  }

  #note(key: Key, dueTime: number): void {
    let note = this.#notes.get(key);
    if (note === undefined) {
      note = { key, dueTime: Number.POSITIVE_INFINITY };
      this.#notes.set(key, note);
    }
    if (note.dueTime <= dueTime) return;
    note.dueTime = dueTime;
    this.#due.add(dueTime, note);
  }

  #rowsOf(key: Key): BothRows {
    return [this.#states[0].find(key)?.value, this.#states[1].find(key)?.value];
  }
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
