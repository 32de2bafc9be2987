/**
 * intervalJoin: pairs of a left and a right event of the same key, the right one at most so much earlier and so much later than the
 * left one. A pair is put out as soon as both are there, with the later time of the two.
 *
 * An event is kept while a partner may come: a left one until event time has come to its time + upper, a right one until it has come
 * to its time - lower. It leaves then, in the order of these times, and where it has had no partner and those are asked for, its
 * result does.
 *
 * Invariants
 *  V1  every pair of accepted events that is in the interval is put out once, when the second of them comes.
 *  V2  an event that its function fails at has changed nothing.
 *  V3  no result is older than the watermark that was passed on before it: where events without a partner wait for theirs, the
 *      watermark follows as much later.
 *  V4  of each key that has rows on a side there is a note at the time at which the first of them is due; a note whose time is not that of
 *      the newest one of its key and side counts for nothing. So neither all keys nor all events are looked through for what is due. Of rows that
 *      are kept for ever there is none.
 *
 * Not here: what is kept (join-state.ts), in which order (join-rows.ts).
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
import { type JoinInterval, type JoinIntervalOptions, joinInterval } from "./join-interval.ts";
import { checkJoin, JoinLogic, type JoinOptions, type JoinSettings, lateOutput } from "./join-logic.ts";
import type { JoinRow } from "./join-rows.ts";
import { type JoinCell, JoinRowsError, JoinState } from "./join-state.ts";
import { type JoinSide, keepsUnmatched } from "./join-type.ts";

/**
 * Joins its first input, the left one, with its second. Both have keys. An event whose time is not after the watermark goes to the
 * output "late"; one without event time is given up with ERR_ACT_EVENT_TIME.
 *
 * @param join makes the result of a pair, or with undefined on one side that of an event without a partner. When it throws for a
 *   pair, the event that came second has failed; when it throws for one without a partner, that is given up
 * @throws ERR_RT_OPTION, ERR_ACT_JOIN_INTERVAL, ERR_ACT_ASYNC_FUNCTION
 */
export function intervalJoin<L, R, B>(
  interval: JoinIntervalOptions,
  join: (left: L | undefined, right: R | undefined) => B,
  options: JoinOptions = {},
): OperatorSpec {
  const common = checkJoin("intervalJoin", join, options);
  if (typeof interval !== "object" || interval === null) {
    throw new OptionError("intervalJoin: interval", interval, "{ lower, upper }");
  }
  const settings: Settings = { ...common, interval: joinInterval(interval, common.type) };
  return { kind: "intervalJoin", outputs: ["main", lateOutputName], create: () => new IntervalJoinLogic(settings) };
}

interface Settings extends JoinSettings {
  readonly interval: JoinInterval;
}

class IntervalJoinLogic extends JoinLogic {
  readonly #settings: Settings;
  readonly #states: readonly [left: JoinState, right: JoinState];
  /** V4: the keys of each side. */
  readonly #due = [new TimeHeap<Key>(), new TimeHeap<Key>()] as const;
  /** V3 */
  readonly #delayMs: number;

  constructor(settings: Settings) {
    super();
    this.#settings = settings;
    const { type } = settings;
    this.#states = [new JoinState(0, keepsUnmatched(type, 0)), new JoinState(1, keepsUnmatched(type, 1))];
    const delays = ([0, 1] as const).map((side) => (keepsUnmatched(type, side) ? keptMs(settings, side) : 0));
    this.#delayMs = Math.max(0, ...delays);
  }

  onWatermark({ time, isIdle }: Watermark, output: Output): Pieces | undefined {
    return followedBy(
      untilDone(() => this.#releaseSome(time, output)),
      () => output.advance(time - this.#delayMs, isIdle),
    );
  }

  stateSize(): StateSize {
    return sumOfSizes(this.#states.map((state) => state.stateSize));
  }

  snapshot(): readonly StateEntry[] {
    return this.#states.flatMap((state) => state.snapshot());
  }

  restore(groups: readonly StateGroup[]): void {
    for (const state of this.#states) {
      state.restore(groups, (cell) => {
        const dueTime = this.#dueOf(cell);
        if (dueTime === Number.POSITIVE_INFINITY) return;
        cell.dueTime = dueTime;
        this.#due[cell.side].add(dueTime, cell.key);
      });
    }
  }

  /** False while more may be due. */
  #releaseSome(time: number, output: Output): boolean {
    const [left, right] = this.#due;
    for (let count = 0; count < batchEventsMax; count += 1) {
      const dueTime = this.#firstDue;
      if (dueTime > time || dueTime === Number.POSITIVE_INFINITY) return true;
      const side = left.firstTime === dueTime ? 0 : 1;
      const key = (side === 0 ? left : right).take() as Key;
      const cell = this.#states[side].find(key);
      // V4
      if (cell?.dueTime === dueTime) this.#release(cell, dueTime, output);
    }
    return false;
  }

  protected override expect(keys: readonly Key[], from: number, index: number, to: number): void {
    for (const state of this.#states) state.expect(keys, from, index, to);
  }

  protected override take(
    side: JoinSide,
    key: Key,
    time: number,
    value: unknown,
    watermark: number,
    output: Output,
  ): void {
    if (time <= watermark) return output.emitTo(lateOutput, value, time);
    const { type, interval, rowsMax } = this.#settings;
    const isKept = time + keptMs(this.#settings, side) > watermark;
    const own = isKept ? this.#states[side].find(key) : undefined;
    if (own !== undefined && own.value.size >= rowsMax) {
      return this.context.deadLetter(value, new JoinRowsError(this.context.operator, key, rowsMax));
    }
    const partners = this.#states[side === 0 ? 1 : 0].find(key);
    let from = 0;
    let to = 0;
    if (partners !== undefined) {
      const earliest = side === 0 ? time + interval.lowerMs : time - interval.upperMs;
      const latest = side === 0 ? time + interval.upperMs : time - interval.lowerMs;
      from = partners.value.indexFrom(earliest);
      to = from;
      for (let row = partners.value.at(to); row !== undefined && row.time <= latest; row = partners.value.at(to)) {
        const later = Math.max(row.time, time);
        output.emit(side === 0 ? this.#joined(value, row.value) : this.#joined(row.value, value), later);
        to += 1;
      }
    }
    const isMatched = to > from;
    if (!isKept && !isMatched && keepsUnmatched(type, side)) output.emit(this.#alone(side, value), time);
    // V2: from here on nothing of the author's is called.
    if (partners !== undefined) this.#states[partners.side].match(partners, from, to);
    if (isKept) this.#note(this.#states[side].add(own, key, time, value, isMatched));
  }

  /** What is due of a key leaves. */
  #release(cell: JoinCell, dueTime: number, output: Output): void {
    const { side, key } = cell;
    const state = this.#states[side];
    const tells = keepsUnmatched(this.#settings.type, side);
    const latest = dueTime - keptMs(this.#settings, side);
    for (let row = cell.value.first; row !== undefined && !(row.time > latest); row = cell.value.first) {
      state.shift(cell);
      if (!tells || row.isMatched) continue;
      const { time, value } = row;
      let result: unknown;
      try {
        result = this.#alone(side, value);
      } catch (error) {
        this.context.deadLetter(value, error, { key, time, input: side, attempts: 1 });
        continue;
      }
      output.emit(result, time);
    }
    if (cell.present) this.#note(cell);
  }

  /** V4 */
  #note(cell: JoinCell): void {
    const dueTime = this.#dueOf(cell);
    if (dueTime === cell.dueTime || dueTime === Number.POSITIVE_INFINITY) return;
    this.#states[cell.side].setDue(cell, dueTime);
    this.#due[cell.side].add(dueTime, cell.key);
  }

  get #firstDue(): number {
    const [left, right] = this.#due;
    return Math.min(left.firstTime, right.firstTime);
  }

  /** Infinity for never. */
  #dueOf({ value, side }: JoinCell): number {
    return (value.first as JoinRow).time + keptMs(this.#settings, side);
  }

  #alone(side: JoinSide, value: unknown): unknown {
    return side === 0 ? this.#joined(value, undefined) : this.#joined(undefined, value);
  }

  #joined(left: unknown, right: unknown): unknown {
    const result = this.#settings.join(left, right);
    checkPlainResult("intervalJoin", result);
    return result;
  }
}

/** How long behind its time an event of a side is kept. */
function keptMs({ interval }: Settings, side: JoinSide): number {
  return side === 0 ? interval.upperMs : -interval.lowerMs;
}
