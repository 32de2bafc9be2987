/**
 * Plain data: what can be carried to another thread, into a checkpoint or a file, and come back equal.
 *
 * Allowed: undefined, null, booleans, numbers, bigints, strings, plain objects (also without prototype), arrays, Date,
 * Map, Set, RegExp, ArrayBuffer, typed arrays, DataView, Buffer, and Error (which arrives as a RemoteError).
 * Not allowed: functions, symbols, instances of other classes, cycles, and what is nested deeper than the limit.
 *
 * This walk is for finding the path once an encoder has stumbled, and for checks outside hot paths.
 */

import { MillraceError } from "../errors/millrace-error.ts";
import { printValue } from "../errors/option-error.ts";
import { plainDepthMax } from "../limits.ts";

/** A value that cannot leave its thread: the message begins with the path to it. */
export class NotPlainDataError extends MillraceError {
  readonly code = "ERR_RT_NOT_PLAIN_DATA";

  constructor(path: string, found: string, cause?: unknown) {
    super(
      `${path}: ${found} cannot be carried as data; allowed are primitives, plain objects, arrays, Date, Map, Set, RegExp, ` +
        "Error, ArrayBuffer and typed arrays",
      { details: { path, found }, ...(cause === undefined ? {} : { cause }) },
    );
  }
}

/**
 * Checks that `value` is plain data through and through.
 *
 * @param path names the value in the error, such as `params`
 * @throws ERR_RT_NOT_PLAIN_DATA naming the first place that is not
 */
export function assertPlainData(value: unknown, path: string): void {
  walk(value, path, []);
}

/** Prototypes that msgpackr carries by itself. */
export const carriedPrototypes: ReadonlySet<object | null> = new Set<object>([
  Date.prototype,
  Set.prototype,
  RegExp.prototype,
  ArrayBuffer.prototype,
  DataView.prototype,
  Int8Array.prototype,
  Uint8Array.prototype,
  Uint8ClampedArray.prototype,
  Int16Array.prototype,
  Uint16Array.prototype,
  Int32Array.prototype,
  Uint32Array.prototype,
  Float32Array.prototype,
  Float64Array.prototype,
  BigInt64Array.prototype,
  BigUint64Array.prototype,
]);

/** Keys that msgpackr renames (`__proto__`) or that damage its table of shapes (`__keys__`). */
const forbiddenKeys = ["__proto__", "__keys__"];

function walk(value: unknown, path: string, ancestors: object[]): void {
  if (typeof value === "function" || typeof value === "symbol") throw new NotPlainDataError(path, printPart(value));
  if (typeof value !== "object" || value === null) return;
  if (ancestors.includes(value)) throw new NotPlainDataError(path, "a reference back to what contains it");
  if (ancestors.length >= plainDepthMax) {
    throw new NotPlainDataError(shortPath(path), `a value nested deeper than ${plainDepthMax}`);
  }
  ancestors.push(value);
  try {
    walkParts(value, path, ancestors);
  } catch (error) {
    if (error instanceof NotPlainDataError) throw error;
    throw new NotPlainDataError(path, "an object that throws when it is read", error);
  } finally {
    ancestors.pop();
  }
}

function walkParts(value: object, path: string, ancestors: object[]): void {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (Array.isArray(value) && prototype === Array.prototype) {
    for (let index = 0; index < value.length; index += 1) walk(value[index], `${path}[${index}]`, ancestors);
  } else if (prototype === Object.prototype || prototype === null) {
    for (const key of Object.keys(value)) {
      if (prototype !== null && forbiddenKeys.includes(key)) throw new NotPlainDataError(path, `an own key "${key}"`);
      walk(Reflect.get(value, key), keyPath(path, key), ancestors);
    }
  } else if (value instanceof Map && prototype === Map.prototype) {
    for (const [key, entry] of value) {
      walk(key, `${path}.keys()`, ancestors);
      walk(entry, `${path}.get(${printValue(key)})`, ancestors);
    }
  } else if (value instanceof Set && prototype === Set.prototype) {
    for (const entry of value) walk(entry, `${path}.values()`, ancestors);
  } else if (!carriedPrototypes.has(prototype) && !(value instanceof Error) && !Buffer.isBuffer(value)) {
    throw new NotPlainDataError(path, `an instance of class ${className(prototype)}`);
  }
}

function keyPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${printValue(key)}]`;
}

function className(prototype: object | null): string {
  const made: unknown = prototype === null ? undefined : Reflect.get(prototype, "constructor");
  return typeof made === "function" && made.name !== "" ? made.name : "(anonymous)";
}

function printPart(value: unknown): string {
  return typeof value === "symbol" ? String(value) : printValue(value);
}

const pathCharactersMax = 200;

function shortPath(path: string): string {
  return path.length <= pathCharactersMax ? path : `${path.slice(0, pathCharactersMax)}...`;
}
