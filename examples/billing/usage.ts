/** What is billed: how much each customer has used of what. Made up, the same each time. */

export interface Usage {
  /** Grows from one to the next. */
  readonly id: number;
  readonly customer: string;
  readonly service: (typeof services)[number];
  readonly amount: number;
  /** In ms since the epoch. */
  readonly at: number;
}

export interface Price {
  readonly service: Usage["service"];
  /** Of one unit, in thousandths of a cent. */
  readonly milliCents: number;
}

export const services = ["compute", "storage", "traffic"] as const;
export const prices: readonly Price[] = services.map((service, index) => ({ service, milliCents: 700 - 300 * index }));

const customerCount = 40;
/** Behind midnight in Berlin on the day on which its clocks go forward: it has 23 hours. */
const startMs = Date.UTC(2025, 2, 29, 23);
export const usageCount = 6_000;
/** Events are up to so much older than the newest before them. */
export const disorderMs = 60_000;

/** Two and a half days of it, one every 36 s. */
export function usageAt(id: number): Usage {
  const draw = Math.imul(id + 1, 2_654_435_761) >>> 8;
  return {
    id,
    customer: `customer-${draw % customerCount}`,
    service: services[(draw >> 6) % services.length] as Usage["service"],
    amount: 1 + (draw % 500),
    at: startMs + id * 36_000 - (draw % 3) * 20_000 + 40_000,
  };
}
