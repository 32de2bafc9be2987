/** A flight as the file has it, and when one hears of it. */

export interface Flight {
  /** When it was to leave, in ms since the epoch, by the clock of its airport. */
  readonly date: number;
  /** Minutes; negative when it left early. */
  readonly delay: number;
  readonly origin: string;
}

const minuteMs = 60_000;

/** Early flights leave by so much at the most; earlier ones are taken for late reports. */
export const earlyMs = 60 * minuteMs;

/** It is reported when it has left. */
export function reportedAt({ date, delay }: Flight): number {
  return date + delay * minuteMs;
}
