/**
 * ParseParams: `name=value` arguments as params of a job. A value is what it looks like: numbers, `true`, `false`, `null`,
 * JSON; anything else is a string. `"5"` in double quotes is the string 5.
 */

import { UsageError } from "./usage-error.ts";

/**
 * The params that the arguments describe, in their order.
 *
 * @throws ERR_JOB_USAGE when one has no name or no `=`, or a name comes twice
 */
export function parseParams(given: readonly string[]): Record<string, unknown> {
  const params = new Map<string, unknown>();
  for (const argument of given) {
    const equals = argument.indexOf("=");
    if (equals < 1) {
      throw new UsageError(`--param ${argument}: expected name=value, such as --param port=9990`);
    }
    const name = argument.slice(0, equals);
    if (params.has(name)) throw new UsageError(`--param ${name} was given twice`);
    params.set(name, parseValue(argument.slice(equals + 1)));
  }
  return Object.fromEntries(params);
}

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function parseValue(text: string): unknown {
  // A number that a double cannot hold (an id of 20 digits, 1e999) would arrive as another one: it stays text.
  if (numberPattern.test(text)) return isExact(text) ? Number(text) : text;
  if (!/^(?:[[{"]|true$|false$|null$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isExact(text: string): boolean {
  const value = Number(text);
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}
