/**
 * Payments: the input of the example: what the cards of a bank are used for, with stolen ones among them. Made from numbers, so
 * that it is the same every time; a little out of order, as it would come from many tills.
 */

export interface Payment {
  readonly card: string;
  readonly cents: number;
  /** What the owner of the card has said to it, when asked. */
  readonly confirmed: boolean;
  /** In ms since the epoch. */
  readonly at: number;
}

export interface Bank {
  /** In the order in which they arrive. */
  readonly payments: readonly Payment[];
  /** Cards that a thief tests with two small payments, and then empties. */
  readonly stolen: readonly string[];
}

const cardCount = 200;
const startMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;
/** Payments arrive up to this much late. */
export const disorderMs = 5_000;

/** @param days of ordinary payments, one per card and hour */
export function bankOf(days: number): Bank {
  const made: Payment[] = [];
  const stolen: string[] = [];
  for (let hour = 0; hour < days * 24; hour += 1) {
    const hourMs = startMs + hour * 60 * minuteMs;
    for (let number = 0; number < cardCount; number += 1) {
      const draw = hashOf(hour * cardCount + number);
      const card = `card-${number}`;
      made.push({ card, cents: 300 + (draw % 20_000), confirmed: false, at: hourMs + (draw % (59 * minuteMs)) });
    }
    // Each hour one card is tested, then emptied; some of them turn out to be harmless.
    const number = hashOf(hour) % cardCount;
    const card = `stranger-${number}-${hour}`;
    const at = hourMs + 10 * minuteMs;
    const test = [at, at + minuteMs].map((time) => ({ card, cents: 20 + (time % 70), confirmed: false, at: time }));
    const large = (time: number): Payment => ({ card, cents: 90_000, confirmed: false, at: time });
    made.push(...test);
    if (hour % 3 === 0) {
      made.push(large(at + 3 * minuteMs));
      stolen.push(card);
    } else if (hour % 3 === 1) {
      made.push({ card, cents: 100, confirmed: true, at: at + 2 * minuteMs }, large(at + 3 * minuteMs));
    } else made.push(large(at + 30 * minuteMs));
  }
  const arrival = ({ at }: Payment, index: number) => at + (hashOf(index) % disorderMs);
  const payments = made
    .map((payment, index) => ({ payment, arrivedAt: arrival(payment, index) }))
    .toSorted((left, right) => left.arrivedAt - right.arrivedAt)
    .map(({ payment }) => payment);
  return { payments, stolen };
}

function hashOf(number: number): number {
  return Math.imul(number + 1, 2_654_435_761) >>> 8;
}
