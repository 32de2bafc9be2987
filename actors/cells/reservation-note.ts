/** ReservationNote: what a source tells main when it reserves events, before it hands them on; and AbsentNote, when it was to leave out more than there is. */

import type { SourceStanding } from "./strides.ts";

/** Before the first one, with a `seq` of -1, it says where the source begins. */
export interface ReservationNote {
  readonly kind: "reserve";
  readonly seq: number;
  /** Behind what is reserved. */
  readonly standing: SourceStanding;
  /** Events before that which the source has not handed on yet, at the most. */
  readonly unsureEvents: number;
}

/** The source has come to the end of its input, and of what it was to leave out there are so many events not. */
export interface AbsentNote {
  readonly kind: "absent";
  readonly events: number;
}
