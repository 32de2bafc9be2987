/**
 * Seam: time. Everything that reads a clock or waits for one takes this interface; only the system binding below and the
 * simulation touch the platform's timers.
 */

export interface Clock {
  /** Wall time in ms since the epoch; may jump. Never used for timeouts. */
  wallMs(): number;
  /** Monotonic time in ms, with fractions; its zero has no meaning. */
  monotonicMs(): number;
  /** Calls `callback` once after at least `delayMs`; returns what cancels it. */
  after(delayMs: number, callback: () => void): CancelTimer;
  /** Calls `callback` as soon as pending input has been looked at (a macrotask). Cannot be cancelled. */
  soon(callback: () => void): void;
  /** Calls `callback` before `soon` would: when the caller, and the promises that are ready then, have run. Cannot be cancelled. */
  afterPromises(callback: () => void): void;
}

export type CancelTimer = () => void;

/** The largest delay a platform timer takes, in ms; longer waits are cut into pieces of it. */
const timerDelayMsMax = 2 ** 31 - 1;

export class SystemClock implements Clock {
  wallMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    let timer = setTimeout(elapsed, Math.min(delayMs, timerDelayMsMax), delayMs);
    return () => clearTimeout(timer);

    function elapsed(leftMs: number): void {
      if (leftMs <= timerDelayMsMax) return callback();
      const restMs = leftMs - timerDelayMsMax;
      timer = setTimeout(elapsed, Math.min(restMs, timerDelayMsMax), restMs);
    }
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  afterPromises(callback: () => void): void {
    // What a promise asks for here comes when none is left that is ready; what other code asks for, before those that it leads to.
    process.nextTick(callback);
  }
}

/**
 * Resolves when no promise is left that only waits for others.
 *
 * @param looksAtInput whether the platform looks at pending input before, which takes it much longer
 */
export function promisesSettled(looksAtInput: boolean): Promise<void> {
  return new Promise((resolve) => {
    // The platform empties the queue of promises before the next tick, and looks at nothing else before both are empty. Where a tick is
    // what runs now (a message from another process, say), it has the next one first: so that is asked for by a promise.
    if (looksAtInput) setImmediate(resolve);
    else queueMicrotask(() => process.nextTick(resolve));
  });
}
