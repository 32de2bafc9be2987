/**
 * EventTimeMatch: matches the events of each key in the order of their times, whatever order they come in: an event waits until
 * the watermark has come to it. One that comes behind the watermark is late.
 *
 * Invariants
 *  P1  a key with something to come has one timer, at the first moment at which something may come of it.
 *  P2  a result has an event time behind the watermark that was passed on before it.
 *  P3  what is behind the events that its key has captured is late, too: under at-least-once the event time of another version
 *      may start behind what instances of the one before have matched.
 */

import { type MillraceError, mutated } from "../../runtime/index.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { ValueState } from "../state/operator-state.ts";
import { NoEventTimeError } from "../time/event-time.ts";
import type { KeyMatches, TimeOf } from "./key-matches.ts";
import type { MatchProgress } from "./match-progress.ts";
import { PatternLimitError } from "./matcher.ts";
import { dueCount, insertWaiting, noWaitingEvents, removeFirst, type WaitingEvents } from "./waiting-events.ts";

type Context = ProcessContext<unknown>;

/** Behind all events, so that it fires at the end of the input. */
const endOfTime = Number.MAX_SAFE_INTEGER;
const decided: TimeOf = (time) => time;

export class EventTimeMatch implements ProcessOperator<unknown, unknown> {
  readonly #matches: KeyMatches;
  readonly #waitingMax: number;
  #waiting!: ValueState<WaitingEvents>;
  /** The last watermark before the end. */
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(matches: KeyMatches, waitingMax: number) {
    this.#matches = matches;
    this.#waitingMax = waitingMax;
  }

  open(context: Context): void {
    this.#matches.open(context);
    this.#waiting = context.state.value<WaitingEvents>("waiting");
  }

  onEvent(event: unknown, context: Context): void {
    const { time, watermark } = context;
    if (time === undefined) throw new NoEventTimeError(context.operator, untimed);
    const progress = this.#matches.ofKey(context);
    if (time <= watermark || time < (progress.log.times.at(-1) ?? time)) return context.late(event);
    const waiting = this.#waiting.get() ?? noWaitingEvents();
    if (waiting.times.length >= this.#waitingMax) return context.deadLetter(event, tooManyWaiting(this.#waitingMax));
    const due = this.#due(waiting, progress);
    insertWaiting(waiting, event, time);
    this.#waiting.set(waiting);
    if (time >= due) return;
    if (Number.isFinite(due)) context.timers.deleteEventTime(due);
    context.timers.setEventTime(time);
  }

  onTimer(_timer: unknown, context: Context): void {
    const { watermark } = context;
    const progress = this.#matches.ofKey(context);
    const { changes } = progress;
    const waiting = this.#waiting.get();
    if (waiting !== undefined) this.#take(waiting, progress, context);
    this.#matches.expire(progress, watermark + 1, context, decided);
    if (watermark === Number.POSITIVE_INFINITY) {
      const time = Math.max(this.#watermark + 1, progress.log.times.at(-1) ?? 0);
      this.#matches.finish(progress, time, context, decided);
    }
    const due = this.#due(waiting, progress);
    this.#matches.keep(progress, changes);
    if (Number.isFinite(due)) context.timers.setEventTime(due);
  }

  onWatermark(watermark: number): void {
    if (Number.isFinite(watermark)) this.#watermark = watermark;
  }

  /** Matches the events that event time has come to. */
  #take(waiting: WaitingEvents, progress: MatchProgress, context: Context): void {
    const count = dueCount(waiting, context.watermark);
    for (let index = 0; index < count; index += 1) {
      const time = waiting.times[index]!;
      this.#matches.expire(progress, time, context, decided);
      this.#matches.take(progress, waiting.values[index], time, context, decided);
    }
    removeFirst(waiting, count);
    if (waiting.times.length === 0) this.#waiting.clear();
    else if (count > 0 && !mutated("matches.taken-again")) this.#waiting.set(waiting);
  }

  /** P1: Infinity for never. */
  #due(waiting: WaitingEvents | undefined, progress: MatchProgress): number {
    const ends = progress.held.length > 0 ? endOfTime : Number.POSITIVE_INFINITY;
    return Math.min(waiting?.times[0] ?? Number.POSITIVE_INFINITY, this.#matches.deadline(progress), ends);
  }
}

const untimed =
  'an event has no event time: put eventTime(...) behind the source, or match by the clock with { time: "processing" }';

function tooManyWaiting(waitingMax: number): MillraceError {
  return new PatternLimitError(
    `${waitingMax} events of this key wait for event time, no more may; a watermark that goes on lets them be matched`,
    { details: { what: "waiting events", max: waitingMax } },
  );
}
