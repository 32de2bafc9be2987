/**
 * inOrder: the events of each key in the order of their event times, each once, when event time has come to it: what has been passed on
 * is final, because nothing from before can follow. Other engines say that rows are emitted when their window closes.
 *
 * Invariants
 *  O1  events of a key leave in the order of their times, those of one time in the order in which they came.
 *  O2  a key with events that wait has one timer, at the time of the first of them.
 */

import { MillraceError, wholeNumber } from "../../runtime/index.ts";
import { inOrderWaitingMax, waitingEventsDefault } from "../limits.ts";
import { lateOutputName, type OperatorSpec } from "../operator.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import {
  dueCount,
  insertWaiting,
  noWaitingEvents,
  removeFirst,
  type WaitingEvents,
} from "../patterns/waiting-events.ts";
import type { ValueState } from "../state/operator-state.ts";
import { NoEventTimeError } from "../time/event-time.ts";

export interface InOrderOptions {
  /** Events of one key that wait for event time; one more is given up with ERR_ACT_WAITING. Default `waitingEventsDefault`. */
  readonly waitingMax?: number;
}

/** An event with its place among those of its key, in the order of event time. */
export interface Numbered<T> {
  readonly event: T;
  /** 1, 2, 3, ... */
  readonly number: number;
  /** The same for events of one time, and behind them as far on as there are events: 1, 1, 3. */
  readonly rank: number;
  /** The same for events of one time, and behind them one further: 1, 1, 2. */
  readonly denseRank: number;
}

/** More events wait than are kept. */
export class WaitingError extends MillraceError {
  readonly code = "ERR_ACT_WAITING";
}

/**
 * Passes on the events of each key in the order of event time, when that has come to them. What comes at or behind the watermark goes
 * to the output "late"; an event without event time fails with ERR_ACT_EVENT_TIME.
 *
 * @throws ERR_RT_OPTION
 */
export function inOrder(options: InOrderOptions = {}): OperatorSpec {
  return ordered("inOrder", options, () => (event) => event);
}

/**
 * As `inOrder`, with each event as a `Numbered`.
 *
 * @throws ERR_RT_OPTION
 */
export function numbered(options: InOrderOptions = {}): OperatorSpec {
  return ordered("numbered", options, (context) => {
    const places = context.state.value<Place>("place");
    return (event, time) => {
      const place = placeBehind(places.get(), time);
      places.set(place);
      const { number, rank, denseRank } = place;
      return { event, number, rank, denseRank } satisfies Numbered<unknown>;
    };
  });
}

/** What is put out for an event, in its turn; made when the operator opens. */
type MakeShow = (context: ProcessContext) => (event: unknown, time: number) => unknown;

/** That of the last event of a key that was put out. */
interface Place {
  readonly number: number;
  readonly rank: number;
  readonly denseRank: number;
  readonly time: number;
}

function ordered(kind: string, { waitingMax = waitingEventsDefault }: InOrderOptions, makeShow: MakeShow) {
  wholeNumber(`${kind}: waitingMax`, waitingMax, 1, inOrderWaitingMax);
  const maker = () => new InOrder(waitingMax, makeShow);
  return { ...process(maker, { keyed: true, outputs: [lateOutputName] }), kind };
}

class InOrder implements ProcessOperator {
  readonly #waitingMax: number;
  readonly #makeShow: MakeShow;
  #show!: ReturnType<MakeShow>;
  #waiting!: ValueState<WaitingEvents>;

  constructor(waitingMax: number, makeShow: MakeShow) {
    this.#waitingMax = waitingMax;
    this.#makeShow = makeShow;
  }

  open(context: ProcessContext): void {
    this.#waiting = context.state.value("waiting");
    this.#show = this.#makeShow(context);
  }

  onEvent(event: unknown, context: ProcessContext): void {
    const { time, watermark, timers } = context;
    if (time === undefined)
      throw new NoEventTimeError(
        context.operator,
        "an event has no event time, and is to be put in its order: put eventTime(...) behind the source",
      );
    if (time <= watermark) return context.late(event);
    const waiting = this.#waiting.get() ?? noWaitingEvents();
    if (waiting.times.length >= this.#waitingMax) return context.deadLetter(event, tooMany(context, this.#waitingMax));
    const first = waiting.times[0];
    insertWaiting(waiting, event, time);
    this.#waiting.set(waiting);
    // O2
    if (first !== undefined && first <= time) return;
    if (first !== undefined) timers.deleteEventTime(first);
    timers.setEventTime(time);
  }

  onTimer(_timer: unknown, context: ProcessContext): void {
    const waiting = this.#waiting.get() ?? noWaitingEvents();
    const count = dueCount(waiting, context.watermark);
    for (let index = 0; index < count; index += 1) {
      const time = waiting.times[index]!;
      context.emit(this.#show(waiting.values[index], time), time);
    }
    removeFirst(waiting, count);
    const [next] = waiting.times;
    if (next === undefined) return this.#waiting.clear();
    this.#waiting.set(waiting);
    context.timers.setEventTime(next);
  }
}

function placeBehind(before: Place | undefined, time: number): Place {
  if (before === undefined) return { number: 1, rank: 1, denseRank: 1, time };
  const number = before.number + 1;
  if (before.time === time) return { ...before, number };
  return { number, rank: number, denseRank: before.denseRank + 1, time };
}

function tooMany({ operator }: ProcessContext, waitingMax: number): WaitingError {
  return new WaitingError(
    `operator ${JSON.stringify(operator)}: ${waitingMax} events of this key wait for event time, and no more may; a watermark that ` +
      "goes on lets them go, and `waitingMax` allows more",
    { details: { operator, waitingMax } },
  );
}
