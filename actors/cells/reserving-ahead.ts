/**
 * ReservingAhead: a source notes with main how far it may hand events on, before it does. What is noted is from where it stands, so
 * many events further on: read again from there, whoever comes after it leaves them out.
 *
 * Not here: how many events, and when (reserved-events.ts).
 */

import type { CancelTimer, CellContext } from "../../runtime/index.ts";
import { reservationMs } from "../limits.ts";
import type { ReservationNote } from "./reservation-note.ts";
import { type Reserved, ReservedEvents } from "./reserved-events.ts";
import type { Strides } from "./strides.ts";

export class ReservingAhead {
  readonly #cell: CellContext;
  readonly #strides: Strides;
  readonly #handedOn: () => number;
  readonly #reserved = new ReservedEvents();
  #cancelExpiry: CancelTimer | undefined;

  /** @param handedOn events that the source has handed on */
  constructor(cell: CellContext, strides: Strides, handedOn: () => number) {
    this.#cell = cell;
    this.#strides = strides;
    this.#handedOn = handedOn;
  }

  /** How many events may be handed on now. */
  get room(): number {
    return this.#reserved.room(this.#handedOn());
  }

  /** @param mayFollow whether others are read behind those that were read */
  look(mayFollow: boolean): void {
    const nowMs = this.#cell.clock.monotonicMs();
    this.#note(this.#reserved.next(this.#handedOn(), this.#strides.waitingEvents, mayFollow, nowMs));
  }

  answered(seq: number): void {
    const handedOn = this.#handedOn();
    if (!this.#reserved.answered(seq, handedOn, this.#cell.clock.monotonicMs())) return;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    if (this.#reserved.room(handedOn) <= this.#strides.waitingEvents) return;
    this.#cancelExpiry = this.#cell.clock.after(reservationMs, () => this.#expire());
  }

  /** The source starts over: main leaves out what it was told by the incarnation before once it knew that this one had failed. */
  startOver(): void {
    this.stop();
    this.#note(this.#reserved.again(this.#handedOn(), this.#strides.waitingEvents));
  }

  /** Nothing more is handed on: whoever comes after goes on exactly there. */
  giveBack(): void {
    this.stop();
    this.#note(this.#reserved.giveBack(this.#handedOn()));
  }

  stop(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
  }

  #expire(): void {
    this.#cancelExpiry = undefined;
    const nowMs = this.#cell.clock.monotonicMs();
    this.#note(this.#reserved.expire(this.#handedOn(), this.#strides.waitingEvents, nowMs));
    // What was noted leaves with the next turn.
    this.#cell.wake();
  }

  #note(reserved: Reserved | undefined): void {
    if (reserved === undefined) return;
    const { position, skipCount } = this.#strides.standing;
    const standing = { position, skipCount: skipCount + reserved.events };
    const { seq, events: unsureEvents } = reserved;
    this.#cell.notify({ kind: "reserve", seq, standing, unsureEvents } satisfies ReservationNote);
  }
}
