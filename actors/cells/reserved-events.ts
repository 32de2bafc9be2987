/**
 * ReservedEvents: how many events a source may hand on, where nothing may come twice: as many as were noted before, counted from where
 * it stood then. A source that reads fast reserves ahead: as much as lasts about `reservationMs`, and more of it while half is left,
 * so that it waits for nobody. One that is slow reserves what it has read. Pure.
 *
 * Invariants
 *  E1  no event is handed on that the newest note does not cover, nor one whose note was not answered.
 *  E2  a note covers at most `reservedEventsMax` events, or what was read and waits.
 *  E3  what was not used within `reservationMs` is given back: whoever comes after it would leave it out.
 */

import { mutated } from "../../runtime/index.ts";
import { reservationMs, reservedEventsMax, reservedEventsMin } from "../limits.ts";

/** A note that is to be made. */
export interface Reserved {
  readonly seq: number;
  /** From where the source stands now. */
  readonly events: number;
}

/** All counts are of events that the source has handed on. */
export class ReservedEvents {
  /** Up to here events may be handed on. */
  #limit = 0;
  /** Of the newest note, until it is answered. */
  #asked: { readonly seq: number; readonly limit: number } | undefined;
  #nextSeq = 0;
  /** How many are reserved at once; 0 for only what was read. */
  #events = 0;
  /** When the last answer came. */
  #since: { readonly ms: number; readonly handedOn: number } | undefined;

  /** How many more may be handed on. */
  room(handedOn: number): number {
    if (mutated("source.hands-on-unreserved")) return Number.POSITIVE_INFINITY;
    return this.#limit - handedOn;
  }

  /**
   * What is to be reserved now.
   *
   * @param waiting events that were read, and not handed on
   * @param mayFollow whether others are read behind them now
   */
  next(handedOn: number, waiting: number, mayFollow: boolean, nowMs: number): Reserved | undefined {
    if (this.#asked !== undefined) return undefined;
    const left = this.#limit - handedOn;
    if (waiting <= left && !(mayFollow && left * 2 < this.#events)) return undefined;
    if (!mayFollow) return this.#note(handedOn, waiting);
    this.#events = Math.min(2 * Math.max(this.#events, waiting), this.#most(handedOn, waiting, nowMs));
    return this.#note(handedOn, Math.max(waiting, this.#events));
  }

  /** E3: `reservationMs` after a note, with none since: what is reserved instead. */
  expire(handedOn: number, waiting: number, nowMs: number): Reserved | undefined {
    if (this.#asked !== undefined || this.#limit <= handedOn + waiting) return undefined;
    this.#events = Math.min(this.#events, this.#fitting(handedOn, nowMs));
    return this.#note(handedOn, Math.max(waiting, this.#events));
  }

  /** Nothing more is handed on: everything that is left is given back. */
  giveBack(handedOn: number): Reserved | undefined {
    const reserved = this.#asked?.limit ?? this.#limit;
    return reserved > handedOn ? this.#note(handedOn, 0) : undefined;
  }

  /** Nobody may have heard of the newest note: what is reserved instead, which is what was read. */
  again(handedOn: number, waiting: number): Reserved {
    return this.#note(handedOn, waiting);
  }

  /** Note `seq` was answered. False when another one was made since. */
  answered(seq: number, handedOn: number, nowMs: number): boolean {
    if (this.#asked?.seq !== seq) return false;
    this.#limit = this.#asked.limit;
    this.#asked = undefined;
    this.#since = { ms: nowMs, handedOn };
    return true;
  }

  /** A note of which nothing could be used was too small, and says nothing of the rate: what was read meanwhile does. */
  #most(handedOn: number, waiting: number, nowMs: number): number {
    if (this.#since?.handedOn !== handedOn) return this.#fitting(handedOn, nowMs);
    return waiting < reservedEventsMin ? waiting : reservedEventsMax;
  }

  /** What lasts `reservationMs` at the rate since the last answer, if that is much: waiting for an answer does not count. */
  #fitting(handedOn: number, nowMs: number): number {
    if (this.#since === undefined) return 0;
    const used = handedOn - this.#since.handedOn;
    const lasts = (used * reservationMs) / (nowMs - this.#since.ms);
    return used === 0 || lasts < reservedEventsMin ? 0 : Math.min(reservedEventsMax, Math.floor(lasts));
  }

  /** E1, also where a note takes back what the one before covered. */
  #note(handedOn: number, events: number): Reserved {
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    this.#asked = { seq, limit: handedOn + events };
    this.#limit = Math.min(this.#limit, handedOn + events);
    return { seq, events };
  }
}
