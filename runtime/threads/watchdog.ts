/**
 * Watchdog: decides which hosts hang, from the progress counters that their threads raise in shared memory.
 *
 * A thread raises its counter at each run of turns, at each event and, when idle, by a heartbeat; any change counts. A
 * slow host moves its counter and lives. No message is exchanged: a message would wait behind the very work it asks about.
 *
 * Invariants
 *  W1  a host whose counter changed since the last tick, or that is excused at this tick, does not hang.
 *  W2  between two ticks at most `tickMs` and a half of it count as silence. When the watching thread itself was kept
 *      away (busy, paused, the whole process stopped), the time it missed proves nothing against anybody.
 *
 * Not here: the timer and the killing (host-group.ts).
 */

import { MillraceError } from "../errors/millrace-error.ts";
import { type InHand, textOf } from "./in-hand.ts";

export class ThreadHangError extends MillraceError {
  readonly code = "ERR_RT_THREAD_HANG";

  /** @param inHand what the thread is at work on, if that is known */
  constructor(host: number, silentMs: number, limitMs: number, inHand: InHand | undefined) {
    const what = inHand === undefined ? "something blocks its event loop" : textOf(inHand);
    super(
      `host ${host} made no progress for ${Math.round(silentMs)} ms, at most ${limitMs} ms are allowed: ` +
        `${what}; if a single event may take this long, raise hangLimit`,
      { details: { host, silentMs, limitMs, ...(inHand === undefined ? {} : detailsOf(inHand)) } },
    );
  }
}

function detailsOf({ path, event, eventsOf }: InHand): Readonly<Record<string, unknown>> {
  return event === undefined ? { path } : { path, event, eventsOf };
}

export interface WatchdogTimes {
  readonly limitMs: number;
  /** What is allowed while modules are being loaded. Default `limitMs`. */
  readonly loadLimitMs?: number;
  /** The interval at which `tick` is meant to be called. */
  readonly tickMs: number;
}

export interface Progress {
  readonly counter: number;
  /** Whether the thread stands still for a good reason. */
  readonly isExcused: boolean;
  /** Whether modules are being loaded. Default false. */
  readonly isLoading?: boolean;
}

export interface Hang {
  readonly host: number;
  readonly silentMs: number;
}

interface Watched {
  counter: number;
  silentMs: number;
}

export class Watchdog {
  readonly #times: WatchdogTimes;
  readonly #watched = new Map<number, Watched>();
  #lastTickMs: number | undefined;

  constructor(times: WatchdogTimes) {
    this.#times = times;
  }

  get limitMs(): number {
    return this.#times.limitMs;
  }

  /** Watches a host, or the new thread of a host, from now on. */
  watch(host: number, counter: number): void {
    this.#watched.set(host, { counter, silentMs: 0 });
  }

  unwatch(host: number): void {
    this.#watched.delete(host);
  }

  /** Returns the hosts that hang; they are no longer watched. */
  tick(nowMs: number, readProgress: (host: number) => Progress): readonly Hang[] {
    const { limitMs, loadLimitMs = limitMs, tickMs } = this.#times;
    const sinceLastMs = this.#lastTickMs === undefined ? 0 : nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    const countedMs = Math.min(sinceLastMs, tickMs * countedTicksMax);
    const hangs: Hang[] = [];
    for (const [host, watched] of this.#watched) {
      const { counter, isExcused, isLoading = false } = readProgress(host);
      const isSilent = counter === watched.counter && !isExcused;
      watched.silentMs = isSilent ? watched.silentMs + countedMs : 0;
      watched.counter = counter;
      if (watched.silentMs >= (isLoading ? loadLimitMs : limitMs)) hangs.push({ host, silentMs: watched.silentMs });
    }
    for (const hang of hangs) this.#watched.delete(hang.host);
    return hangs;
  }
}

/** Of a late tick so many tick intervals count: enough for the usual lateness of a timer, too little to build up. */
const countedTicksMax = 1.5;
