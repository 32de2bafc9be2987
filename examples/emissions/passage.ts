/** What is measured in a city: vehicles that pass a zone, and the temperature there, once a minute. Made up, the same each time. */

export const zones = ["centre", "harbour", "north"] as const;

export type Zone = (typeof zones)[number];

export interface Passage {
  readonly zone: Zone;
  readonly vehicle: keyof typeof gramsPerPassage;
  readonly atMs: number;
}

export interface Temperature {
  readonly zone: Zone;
  readonly degrees: number;
  readonly atMs: number;
}

/** Of carbon dioxide, by an engine that is warm. */
const gramsPerPassage = { car: 120, van: 190, bus: 820, truck: 900 } as const;

const startMs = Date.UTC(2026, 0, 12, 6);
export const passageCount = 1_200;
export const temperatureCount = 21 * zones.length;
/** Sensors report up to so much later than others. */
export const disorderMs = 4_000;

/** One each second, of twenty minutes in the morning; some are reported late. */
export function passage(number: number): Passage {
  const vehicles = ["car", "car", "van", "car", "truck", "car", "bus"] as const;
  return {
    zone: zones[(number * 5 + (number >> 3)) % zones.length] as Zone,
    vehicle: vehicles[number % vehicles.length] as Passage["vehicle"],
    atMs: startMs + number * 1_000 + ((number * 7) % 4) * 1_000,
  };
}

/** Of each zone once a minute: it is cold, and gets warmer. */
export function temperature(number: number): Temperature {
  const minute = Math.floor(number / zones.length);
  const zone = number % zones.length;
  return { zone: zones[zone] as Zone, degrees: -8 + zone * 4 + minute / 5, atMs: startMs + minute * 60_000 };
}

/** A cold engine emits more: two in a hundred for each degree below twenty. */
export function gramsOf({ vehicle }: Passage, { degrees }: Temperature): number {
  return gramsPerPassage[vehicle] * (1 + Math.max(0, 20 - degrees) * 0.02);
}
