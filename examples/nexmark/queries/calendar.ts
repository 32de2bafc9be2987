/** Days, hours and minutes in UTC of times in ms since the epoch. */

const dayMs = 86_400_000;

/** Days since the epoch. */
export function dayNumber(time: number): number {
  return Math.floor(time / dayMs);
}

/** `2015-07-15` */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

export function hourOf(time: number): number {
  return Math.floor(time / 3_600_000) % 24;
}

/** `13:05` */
export function minuteText(time: number): string {
  const minutes = Math.floor(time / 60_000) % 1_440;
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
