/**
 * tableRows: makes a table of events: the newest event of a key is its row. Or of changes that come from elsewhere, whatever
 * they say of the row before: what comes out keeps to the rules of changes, because the rows are known here.
 *
 * With a time to live a row that is not written any more is deleted, and whatever is worked out of it is taken back: its end is
 * a change like any other.
 *
 * Invariants
 *  L1  a row with a time to live has a timer at or before the time at which it runs out; a timer that comes too early is set again. A key
 *      has one timer at most: how far a row would have lived is known until the timer comes, also when it was deleted before.
 *  L2  by event time a row is gone when an event of its key is at or behind its end, whether or not event time has come there: watermarks
 *      come between batches, and where a batch ends means nothing.
 */

import { OptionError } from "../../runtime/index.ts";
import type { OperatorSpec } from "../operator.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { ValueState } from "../state/operator-state.ts";
import { type CheckedTtl, checkTtl, StateTtlError, type StateTtlOptions } from "../state/state-ttl.ts";
import type { Timer } from "../time/timer-table.ts";
import { type Change, changeBetween, checkChange, rowAfter } from "./change.ts";
import { rowMaker, tableOperator } from "./table-operator.ts";

/** How long a row lives behind the last event of its key. Default: until it is deleted. */
export type TableLife = Pick<StateTtlOptions, "ttl" | "ttlTime">;

/**
 * A table whose rows are what `row` makes of events, one for each key; where it returns null or undefined the row is deleted.
 * With a time to live by event time, an event without one fails with ERR_ACT_STATE_TTL.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function tableRows<A, R>(row: (event: A) => R | null | undefined, life: TableLife = {}): OperatorSpec {
  const made = rowMaker("asTable: row", row) as (event: unknown) => unknown;
  const ttl = checkLife("asTable", life);
  return tableOperator("as-table", () => new TableRows(made, ttl));
}

/**
 * A table from changes by their keys. An event that is no change fails with ERR_ACT_CHANGE.
 *
 * @throws ERR_RT_OPTION
 */
export function changedRows(life: TableLife = {}): OperatorSpec {
  const ttl = checkLife("fromChanges", life);
  const rowOf = (event: unknown, { operator }: ProcessContext) => {
    checkChange(operator, event);
    return rowAfter(event);
  };
  return tableOperator("from-changes", () => new TableRows(rowOf, ttl));
}

/** When the row of a key runs out, whether or not there is one, and how far its events have come. */
interface Life {
  readonly until: number;
  readonly time: number | undefined;
}

class TableRows implements ProcessOperator<unknown, Change> {
  readonly #rowOf: (event: unknown, context: ProcessContext) => unknown;
  readonly #ttl: CheckedTtl | undefined;
  #rows!: ValueState<unknown>;
  #lives: ValueState<Life> | undefined;

  constructor(rowOf: (event: unknown, context: ProcessContext) => unknown, ttl: CheckedTtl | undefined) {
    this.#rowOf = rowOf;
    this.#ttl = ttl;
  }

  open({ state }: ProcessContext): void {
    this.#rows = state.value("row");
    if (this.#ttl !== undefined) this.#lives = state.value("life");
  }

  onEvent(event: unknown, context: ProcessContext<Change>): void {
    const after = this.#rowOf(event, context);
    if (this.#ttl?.time === "event") this.#endBefore(context);
    const before = this.#rows.get();
    if (after !== undefined && this.#ttl !== undefined) this.#live(this.#ttl, context);
    const change = changeBetween(context.key!, before, after);
    if (change === undefined) return;
    if (after === undefined) this.#rows.clear();
    else this.#rows.set(after);
    context.emit(change);
  }

  onTimer({ time }: Timer, context: ProcessContext<Change>): void {
    const life = this.#lives?.get();
    // The end of the input lets nothing run out.
    if (life === undefined || context.watermark === Number.POSITIVE_INFINITY) return;
    if (life.until > time) return this.#setTimer(life.until, context);
    const before = this.#rows.get();
    this.#rows.clear();
    this.#lives?.clear();
    const change = changeBetween(context.key!, before, undefined);
    if (change !== undefined) context.emit(change, context.time ?? timeBehind(life, context));
  }

  /** L2: a row that has run out before the event in hand goes first. */
  #endBefore(context: ProcessContext<Change>): void {
    const { time, key } = context;
    const life = this.#lives?.get();
    if (life === undefined || time === undefined || time < life.until) return;
    const change = changeBetween(key!, this.#rows.get(), undefined);
    this.#rows.clear();
    if (change !== undefined) context.emit(change, life.until);
  }

  /** The row is written: it lives on. */
  #live({ ms, time }: CheckedTtl, context: ProcessContext): void {
    const now = time === "event" ? context.time : context.clock.wallMs();
    if (now === undefined) throw withoutTime(context.operator);
    const known = this.#lives?.get();
    const until = Math.max(now + ms, known?.until ?? Number.NEGATIVE_INFINITY);
    const last = latest(context.time, known?.time);
    if (until === known?.until && last === known.time) return;
    this.#lives?.set({ until, time: last });
    // L1
    if (known === undefined) this.#setTimer(until, context);
  }

  #setTimer(until: number, { timers }: ProcessContext): void {
    if (this.#ttl?.time === "event") timers.setEventTime(until);
    else timers.setProcessingTime(until);
  }
}

/** @throws ERR_RT_OPTION */
function checkLife(what: string, life: TableLife): CheckedTtl | undefined {
  const { ttl, ttlTime } = life;
  if ("ttlFrom" in life)
    throw new OptionError(`${what}: ttlFrom`, life.ttlFrom, "nothing: rows live from their last event on");
  return checkTtl(what, { ...(ttl === undefined ? {} : { ttl }), ...(ttlTime === undefined ? {} : { ttlTime }) });
}

/** The event time of a delete by the wall clock, in a table that has event time: not before its last event, and not late. */
function timeBehind({ time }: Life, { watermark }: ProcessContext): number | undefined {
  if (time === undefined) return undefined;
  return Number.isFinite(watermark) ? Math.max(time, watermark + 1) : time;
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function withoutTime(operator: string): StateTtlError {
  return new StateTtlError(
    `operator ${JSON.stringify(operator)}: rows live by event time, and an event has none; put eventTime(...) behind the source, or ` +
      'take { ttlTime: "processing" }',
    { details: { operator } },
  );
}
