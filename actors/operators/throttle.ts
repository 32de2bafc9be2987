/** throttle: a stream no faster than a rate; what comes faster waits upstream. */

import { type CancelTimer, type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { throttleBurstMsDefault } from "../limits.ts";
import type { OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface ThrottleOptions {
  /**
   * Events that may pass at once after a rest, at least 1. Default: what the rate allows in `throttleBurstMsDefault`, at
   * least 1, so that the events are spread evenly.
   */
  readonly burst?: number;
}

/**
 * Lets at most `count` events per `interval` pass through each instance, in their order; the others are not taken yet, so
 * that the source slows down. Time is monotonic and has nothing to do with event time.
 *
 * @throws ERR_RT_OPTION when count or burst is no whole number from 1 up, or the interval no duration above 0
 */
export function throttle(count: number, interval: Duration, options: ThrottleOptions = {}): OperatorSpec {
  wholeNumber("throttle: count", count, 1, Number.MAX_SAFE_INTEGER);
  const intervalMs = durationMs(interval, "throttle: interval");
  if (intervalMs === 0) throw new OptionError("throttle: interval", interval, "a duration above 0");
  const burstDefault = Math.max(1, Math.floor((count * throttleBurstMsDefault) / intervalMs));
  const burst = wholeNumber("throttle: burst", options.burst ?? burstDefault, 1, Number.MAX_SAFE_INTEGER);
  return {
    kind: "throttle",
    outputs: ["main"],
    heads: true,
    create: () => new ThrottleLogic(new TokenBucket(count, intervalMs, burst)),
  };
}

class ThrottleLogic implements OperatorLogic {
  readonly #bucket: TokenBucket;
  #context!: OperatorContext;
  /** Set while the bucket is empty. */
  #cancelTimer: CancelTimer | undefined;

  constructor(bucket: TokenBucket) {
    this.#bucket = bucket;
  }

  open(context: OperatorContext): void {
    this.#context = context;
  }

  ready(): boolean {
    return this.#cancelTimer === undefined;
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): number {
    let index = from;
    for (; index < to && this.ready(); index += 1) {
      output.begin(index);
      output.emit(batch.values[index]);
      this.#takeToken();
    }
    return index;
  }

  close(): void {
    this.#cancelTimer?.();
  }

  #takeToken(): void {
    const { clock } = this.#context;
    const nowMs = clock.monotonicMs();
    this.#bucket.take(nowMs);
    const waitMs = this.#bucket.waitMs(nowMs);
    if (waitMs > 0) this.#cancelTimer = clock.after(waitMs, () => this.#refilled());
  }

  #refilled(): void {
    this.#cancelTimer = undefined;
    const waitMs = this.#bucket.waitMs(this.#context.clock.monotonicMs());
    // A timer of the platform may fire a fraction of a millisecond early.
    if (waitMs > 0) this.#cancelTimer = this.#context.clock.after(waitMs, () => this.#refilled());
    else this.#context.wake();
  }
}
