/**
 * ProcessingTimeMatch: matches the events of each key as they come, without event time; `within` is measured on the wall clock. At the
 * end of the input, what has not run out by then is forgotten.
 *
 * Invariants
 *  P3  a key whose matches can run out has one timer, at the first moment at which one has.
 */

import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { KeyMatches, TimeOf } from "./key-matches.ts";
import type { MatchProgress } from "./match-progress.ts";

type Context = ProcessContext<unknown>;

const ofEventInHand: TimeOf = () => undefined;

export class ProcessingTimeMatch implements ProcessOperator<unknown, unknown> {
  readonly #matches: KeyMatches;
  /** Behind all results so far, in a stream with event times. */
  #time: number | undefined;
  /** What the wall clock decides has an event time, too, where events have one. */
  readonly #timeOnClock: TimeOf = () => this.#time;

  constructor(matches: KeyMatches) {
    this.#matches = matches;
  }

  open(context: Context): void {
    this.#matches.open(context);
  }

  onEvent(event: unknown, context: Context): void {
    const { time } = context;
    if (time !== undefined && !(time <= (this.#time ?? 0))) this.#time = time;
    const progress = this.#matches.ofKey(context);
    const { changes } = progress;
    const before = this.#ranOutAt(progress);
    const now = nowOf(progress, context);
    this.#matches.expire(progress, now, context, ofEventInHand);
    this.#matches.take(progress, event, now, context, ofEventInHand);
    const due = this.#ranOutAt(progress);
    this.#matches.keep(progress, changes);
    if (due === before) return;
    if (Number.isFinite(before)) context.timers.deleteProcessingTime(before);
    if (Number.isFinite(due)) context.timers.setProcessingTime(due);
  }

  onTimer(timer: { readonly time: number }, context: Context): void {
    const progress = this.#matches.ofKey(context);
    const { changes } = progress;
    this.#matches.expire(progress, Math.max(timer.time, nowOf(progress, context)), context, this.#timeOnClock);
    const due = this.#ranOutAt(progress);
    this.#matches.keep(progress, changes);
    if (Number.isFinite(due)) context.timers.setProcessingTime(due);
  }

  onWatermark(watermark: number): void {
    if (Number.isFinite(watermark)) this.#time = Math.max(this.#time ?? 0, watermark + 1);
  }

  onEnd(context: Context): void {
    this.#matches.finishAll(context, this.#timeOnClock);
  }

  /** P3: Infinity for never. */
  #ranOutAt(progress: MatchProgress): number {
    return this.#matches.deadline(progress) + 1;
  }
}

/** The wall clock may be set back, or be another one after a restart; the time of a key only goes on. */
function nowOf({ log }: MatchProgress, { clock }: Context): number {
  return Math.max(clock.wallMs(), log.times.at(-1) ?? 0);
}
