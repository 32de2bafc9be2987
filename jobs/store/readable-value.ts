/**
 * ReadableValue: any value that state can hold as JSON, for people and their tools. What JSON has no form for is written as
 * what comes closest: a bigint and a number that is none as text, a Map as a list of pairs, a Set as a list, bytes in base64.
 */

/** The value with plain JSON types only. */
export function readableValue(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value === undefined) return null;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Map) return [...value].map(readableValue);
  if (value instanceof Set) return [...value].map(readableValue);
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  }
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (Array.isArray(value)) return value.map(readableValue);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, readableValue(each)]));
}

/** One line of JSON. */
export function readableJson(value: unknown): string {
  return JSON.stringify(readableValue(value));
}

/** An event time as text that functions for dates take; one that is no date stays a number. */
export function readableTime(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? String(timeMs) : date.toISOString();
}
