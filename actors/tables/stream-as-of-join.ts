/**
 * streamAsOfJoin: each event of a stream with the row of a table as it was at the event's own time. The versions of a row are
 * kept for a while; an event waits until event time has come to its time, so that every version that counts is there.
 *
 * Invariants
 *  A1  an event is joined with the version that is in force at its time among all that were not late, whatever order they came in.
 *  A2  what is late, an event or a version, is older than the versions that are kept: more than `retentionMs` behind event time.
 *      A version that comes later than event time counts for the events behind it.
 */

import type { OperatorSpec } from "../operator.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { ListState, ValueState } from "../state/operator-state.ts";
import { NoEventTimeError } from "../time/event-time.ts";
import type { Timer } from "../time/timer-table.ts";
import { type Change, rowAfter } from "./change.ts";
import { type RowVersion, retained, rowAt, withVersion } from "./row-versions.ts";
import { checkTableJoinType, type StreamTableJoinType } from "./stream-table-join.ts";
import { rowMaker, tableOperator } from "./table-operator.ts";

/**
 * Takes events on its first input and changes of the table on its second, by key; emits what `result` makes of each pair, in the
 * order of event time, and what is late on its output "late".
 *
 * @param retentionMs how far back events and versions may be, in event time
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event or change without event time fails with ERR_ACT_EVENT_TIME
 */
export function streamAsOfJoin<A, R, U>(
  type: StreamTableJoinType,
  retentionMs: number,
  result: (event: A, row: R | undefined) => U | null | undefined,
): OperatorSpec {
  checkTableJoinType(type);
  const made = rowMaker("joinTable", result) as (event: unknown, row: unknown) => unknown;
  return tableOperator("stream-as-of-join", () => new StreamAsOfJoin(type, retentionMs, made), true);
}

interface Waiting {
  readonly time: number;
  readonly event: unknown;
}

class StreamAsOfJoin implements ProcessOperator {
  readonly #type: StreamTableJoinType;
  readonly #retentionMs: number;
  readonly #result: (event: unknown, row: unknown) => unknown;
  #versions!: ValueState<readonly RowVersion<unknown>[]>;
  /** In order of arrival. */
  #waiting!: ListState<Waiting>;
  /** The time of the timer of a key that has one. */
  #timer!: ValueState<number>;

  constructor(type: StreamTableJoinType, retentionMs: number, result: (event: unknown, row: unknown) => unknown) {
    this.#type = type;
    this.#retentionMs = retentionMs;
    this.#result = result;
  }

  open({ state }: ProcessContext): void {
    this.#versions = state.value("versions");
    this.#waiting = state.list("waiting");
    this.#timer = state.value("timer");
  }

  onEvent(event: unknown, context: ProcessContext): void {
    const time = timeOf(context);
    const watermark = context.watermark;
    if (time < watermark - this.#retentionMs) return context.late(event);
    if (context.input === 1) {
      const row = rowAfter(event as Change) ?? null;
      this.#versions.set(withVersion(this.#versions.get() ?? [], { time, row }));
    } else if (time <= watermark) {
      return this.#join({ time, event }, context);
    } else {
      this.#waiting.add({ time, event });
    }
    this.#wait(context);
  }

  onTimer({ time }: Timer, context: ProcessContext): void {
    this.#timer.clear();
    const waiting = this.#waiting.all();
    const due = waiting.filter((each) => each.time <= time);
    for (const each of due.toSorted((left, right) => left.time - right.time)) this.#join(each, context);
    if (due.length === waiting.length) this.#waiting.clear();
    else if (due.length > 0) this.#waiting.replace(waiting.filter((each) => each.time > time));
    this.#forget(time);
    this.#wait(context);
  }

  #join({ time, event }: Waiting, context: ProcessContext): void {
    const row = rowAt(this.#versions.get() ?? [], time);
    if (row === undefined && this.#type === "inner") return;
    const joined = this.#result(event, row);
    if (joined !== undefined) context.emit(joined, time);
  }

  /** Versions that nobody can ask for any more. */
  #forget(watermark: number): void {
    const versions = this.#versions.get() ?? [];
    const kept = retained(versions, watermark - this.#retentionMs);
    if (kept === versions) return;
    if (kept.length === 0) this.#versions.clear();
    else this.#versions.set(kept);
  }

  /** Sets the timer of the key for what is due next: an event that waits, or a version that nobody can ask for any more. */
  #wait({ timers }: ProcessContext): void {
    const [first, second] = this.#versions.get() ?? [];
    // The first of several goes when the second is in force for whoever may still ask, one that says "no row" by itself.
    const replaced = first?.row === null ? first.time : second?.time;
    let next = replaced === undefined ? Number.POSITIVE_INFINITY : replaced + this.#retentionMs;
    for (const { time } of this.#waiting.all()) next = Math.min(next, time);
    const set = this.#timer.get();
    if (set === next) return;
    if (set !== undefined) timers.deleteEventTime(set);
    if (next === Number.POSITIVE_INFINITY) return this.#timer.clear();
    timers.setEventTime(next);
    this.#timer.set(next);
  }
}

function timeOf({ time, operator, input }: ProcessContext): number {
  if (time !== undefined) return time;
  const what = input === 0 ? "an event of the stream" : "a change of the table";
  throw new NoEventTimeError(
    operator,
    `${what} has no event time, and is to be joined as of it: give both eventTime(...)`,
  );
}
