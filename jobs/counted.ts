/** Counted: numbers in texts for people, whatever the language of the machine. */

/** Such as "1 event" and "1,250 events". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Whole, in groups of three digits. */
export function grouped(number: number): string {
  return number.toLocaleString("en-US", { maximumFractionDigits: 0 });
}
