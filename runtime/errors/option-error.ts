/** An option, parameter or name with a value that is not allowed: says the path, the value and the allowed set. */

import { MillraceError } from "./millrace-error.ts";

export class OptionError extends MillraceError {
  readonly code = "ERR_RT_OPTION";

  /**
   * @param path where the value stands, such as `threads` or `source "sensor": parallelism`
   * @param expected what is allowed, such as `a whole number from 1 to 256`
   * @param advice what stands behind it
   */
  constructor(path: string, value: unknown, expected: string, advice = "") {
    super(`${path}: expected ${expected}, got ${printValue(value)}${advice}`, { details: { path, expected } });
  }
}

const printedCharactersMax = 80;

/** A value as it stands in an error message: short, quoted when a string, never throwing. */
export function printValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return shorten(JSON.stringify(value) ?? Object.prototype.toString.call(value));
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** The reason in words for a value that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : printValue(error);
}

function shorten(text: string): string {
  return text.length <= printedCharactersMax ? text : `${text.slice(0, printedCharactersMax)}...`;
}

/** Checks that `value` is a whole number within the bounds, both included; returns it. Throws ERR_RT_OPTION. */
export function wholeNumber(path: string, value: unknown, min: number, max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new OptionError(path, value, `a whole number from ${min} to ${max}`);
}
