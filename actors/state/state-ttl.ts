/**
 * StateTtl: how long a piece of state, or an entry of a map, lives after it was written or used. When it is over, a read finds
 * nothing; what nobody reads is swept away, a bounded number of pieces at a time.
 *
 * Event time is where the later of the two is: the watermark, or the event in hand. The end of the input lets nothing run out.
 *
 * Not here: who keeps when a piece runs out (expiring-table.ts, expiring-map-table.ts).
 */

import { type Duration, durationMs, MillraceError, OptionError } from "../../runtime/index.ts";
import { checkTimeDomain, type TimeDomain } from "../time/time-domain.ts";
import type { StateScope } from "./state-table.ts";

export interface StateTtlOptions {
  /** How long a piece is kept; of a map, each entry for itself. Default: until it is cleared. */
  readonly ttl?: Duration;
  /** Default "processing". */
  readonly ttlTime?: TimeDomain;
  /** What the time is counted from: the last write (the default), or the last write or read. */
  readonly ttlFrom?: "write" | "read";
}

/** State with a time to live was written where it cannot be known how long it lives, or under a key that it cannot have. */
export class StateTtlError extends MillraceError {
  readonly code = "ERR_ACT_STATE_TTL";
}

/** Who holds pieces that run out. */
export interface Sweeping {
  readonly ttl: StateTtl;
  readonly pieceCount: number;
  /** Looks at so many pieces, those that it has not looked at for longest, and removes the ones that have run out. */
  sweep(count: number): void;
}

/** When nobody has said yet: a piece that was kept before it had a time to live. */
export const unknownUntil = Number.NaN;

export class StateTtl {
  readonly time: TimeDomain;
  readonly #ms: number;
  readonly #fromRead: boolean;
  readonly #state: string;
  readonly #scope: StateScope;

  constructor(state: string, scope: StateScope, { ms, time, fromRead }: CheckedTtl) {
    this.time = time;
    this.#ms = ms;
    this.#fromRead = fromRead;
    this.#state = state;
    this.#scope = scope;
  }

  /** -Infinity when event time has not begun. */
  now(): number {
    return this.#scope.nowOf(this.time);
  }

  /**
   * Until when it lives that is written now, and would have lived until `until`.
   *
   * @throws ERR_ACT_STATE_TTL
   */
  written(until: number = unknownUntil): number {
    const now = this.now();
    if (now === Number.NEGATIVE_INFINITY) {
      throw new StateTtlError(
        `state ${JSON.stringify(this.#state)} lives by event time, and there is none: the event has no time and no watermark ` +
          'has come; put eventTime(...) behind the source, or take { ttlTime: "processing" }',
        { details: { state: this.#state } },
      );
    }
    return later(until, now + this.#ms);
  }

  /** Until when it lives that is read now; the same where a read changes nothing. */
  read(until: number, now: number): number {
    if (now === Number.NEGATIVE_INFINITY) return until;
    return this.#fromRead || Number.isNaN(until) ? later(until, now + this.#ms) : until;
  }
}

export interface CheckedTtl {
  readonly ms: number;
  readonly time: TimeDomain;
  readonly fromRead: boolean;
}

/**
 * The time to live that a declaration says; undefined for none.
 *
 * @param what names the declaration in errors
 * @throws ERR_RT_OPTION
 */
export function checkTtl(what: string, { ttl, ttlTime, ttlFrom }: StateTtlOptions): CheckedTtl | undefined {
  if (ttlTime !== undefined) checkTimeDomain(`${what}: ttlTime`, ttlTime);
  if (ttlFrom !== undefined && ttlFrom !== "write" && ttlFrom !== "read") {
    throw new OptionError(`${what}: ttlFrom`, ttlFrom, '"write" or "read"');
  }
  if (ttl === undefined) {
    if (ttlTime === undefined && ttlFrom === undefined) return undefined;
    throw new OptionError(`${what}: ttl`, ttl, 'a duration such as "1h", where ttlTime or ttlFrom is given');
  }
  const ms = durationMs(ttl, `${what}: ttl`);
  if (ms === 0) throw new OptionError(`${what}: ttl`, ttl, "a duration above 0");
  return { ms, time: ttlTime ?? "processing", fromRead: ttlFrom === "read" };
}

/** Events may be out of order, and a wall clock set back: nothing lives shorter for it. */
function later(until: number, other: number): number {
  return Number.isNaN(until) ? other : Math.max(until, other);
}
