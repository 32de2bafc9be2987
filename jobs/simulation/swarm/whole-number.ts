/** wholeNumber: reads an option of a command line. */

import { InvalidArgumentError } from "commander";

/** @returns a function that throws commander's InvalidArgumentError for what is no whole number, or below `min` */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= min) return number;
    throw new InvalidArgumentError(`Expected a whole number, at least ${min}.`);
  };
}
