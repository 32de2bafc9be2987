/**
 * dedupe: passes on the first event of each id, per key, and leaves out what repeats it within a time. What it remembers of an id
 * is forgotten when the time is over, so that its state is bounded by the ids of that time.
 *
 * By event time an event repeats the one that was passed on when it happened less than the time after it, or came behind it and
 * happened earlier.
 */

import { type Duration, durationMs, MillraceError, OptionError } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { checkKey } from "../groupings/key-hash.ts";
import { lateOutputName, type OperatorSpec } from "../operator.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { MapState, ValueState } from "../state/operator-state.ts";
import { checkTimeDomain, type TimeDomain } from "../time/time-domain.ts";

export interface DedupeOptions<E> {
  /** What makes two events of a key the same. Default: all events of a key are. */
  readonly by?: (event: E) => Key;
  /** How long events that repeat one are left out, counted from the one that was passed on. */
  readonly within: Duration;
  /** Default "event": events need an event time, and those behind the watermark are late. */
  readonly time?: TimeDomain;
}

/** An event without event time came to `dedupe`, which goes by it. */
export class DedupeError extends MillraceError {
  readonly code = "ERR_ACT_DEDUPE";
}

/**
 * Passes on the first event of each id per key. Fails single events with ERR_ACT_DEDUPE without event time, ERR_ACT_KEY for an id
 * that is none, and with what `by` throws.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function dedupe<E>(options: DedupeOptions<E>): OperatorSpec {
  if (typeof options !== "object" || options === null) {
    throw new OptionError("dedupe", options, 'options such as { within: "1h" }');
  }
  const { by, time = "event" } = options;
  if (by !== undefined) checkPlainFunction("dedupe: by", by);
  if (durationMs(options.within, "dedupe: within") === 0) {
    throw new OptionError("dedupe: within", options.within, "a duration above 0");
  }
  checkTimeDomain("dedupe: time", time);
  const settings = { by: by as ((event: unknown) => Key) | undefined, within: options.within, time };
  return { ...process(() => new Dedupe(settings), { keyed: true, outputs: [lateOutputName] }), kind: "dedupe" };
}

interface DedupeSettings {
  readonly by: ((event: unknown) => Key) | undefined;
  readonly within: Duration;
  readonly time: TimeDomain;
}

class Dedupe implements ProcessOperator {
  readonly #settings: DedupeSettings;
  /** What was passed on, as long as it may be repeated: one of the two. */
  #passed: ValueState<true> | undefined;
  #passedById: MapState<Key, true> | undefined;

  constructor(settings: DedupeSettings) {
    this.#settings = settings;
  }

  open({ state }: ProcessContext): void {
    const { by, within: ttl, time: ttlTime } = this.#settings;
    if (by === undefined) this.#passed = state.value<true>("passed", { ttl, ttlTime });
    else this.#passedById = state.map<Key, true>("passed-by-id", { ttl, ttlTime });
  }

  onEvent(event: unknown, context: ProcessContext): void {
    const { by, time } = this.#settings;
    if (time === "event") {
      if (context.time === undefined) throw withoutTime(context.operator);
      if (context.time <= context.watermark) return context.late(event);
    }
    if (by === undefined) {
      if (this.#passed?.get() !== undefined) return;
      this.#passed?.set(true);
    } else {
      const id = by(event);
      checkKey("dedupe: by", id);
      if (this.#passedById?.has(id)) return;
      this.#passedById?.set(id, true);
    }
    context.emit(event);
  }
}

function withoutTime(operator: string): DedupeError {
  return new DedupeError(
    `operator "${operator}": an event has no event time; put eventTime(...) behind the source, or take { time: "processing" }`,
    { details: { operator } },
  );
}
