/**
 * The bounded plain form of any value: plain data that reads like it, however large, deep or hostile the value is. Every
 * read may throw (getters, proxies), and one budget of characters is spent over all of it.
 */

import { wireErrorItemsMax } from "../limits.ts";
import { printValue } from "./option-error.ts";

export interface Budget {
  charactersLeft: number;
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

export function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** A property that may be a getter that throws, of an object that may be a proxy that throws. */
export function read(object: object, property: PropertyKey): unknown {
  try {
    return Reflect.get(object, property);
  } catch {
    return undefined;
  }
}

const fieldDepthMax = 4;

export function plainFields(
  object: object,
  keysOf: (object: object) => string[],
  budget: Budget,
  depth: number,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  try {
    for (const key of keysOf(object).slice(0, wireErrorItemsMax)) {
      // Such a key would set the prototype, or is not carried by the codec.
      if (key === "__proto__" || key === "__keys__") continue;
      fields[spend(key, budget)] = plain(read(object, key), budget, depth);
    }
  } catch {
    return fields;
  }
  return fields;
}

export function plain(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === "string") return spend(value, budget);
  if (typeof value === "bigint") return spend(`${value}n`, budget);
  if (typeof value === "function" || typeof value === "symbol") return spend(printValue(value), budget);
  if (!isObject(value)) return value;
  // Every item costs something, or shared references could make a tree without end.
  budget.charactersLeft -= 1;
  if (depth >= fieldDepthMax || budget.charactersLeft <= 0) return "...";
  if (isArray(value)) return itemsOf(value).map((item) => plain(item, budget, depth + 1));
  if (isPlainObject(value)) return plainFields(value, Object.keys, budget, depth + 1);
  const message = read(value, "message");
  return spend(typeof message === "string" ? `${tag(value)} ${message}` : tag(value), budget);
}

/** The first items of an array that may be a proxy that throws. */
export function itemsOf(array: readonly unknown[]): unknown[] {
  const length = read(array, "length");
  const count = typeof length === "number" ? Math.min(length, wireErrorItemsMax) : 0;
  return Array.from({ length: count }, (_, index) => read(array, index));
}

/** What a value of another class reads like, without its content: `[object Map]`, or the text of a Date or a URL. */
function tag(value: object): string {
  try {
    if (value instanceof Date || value instanceof URL || value instanceof RegExp) return String(value);
    return Object.prototype.toString.call(value);
  } catch {
    return "[object]";
  }
}

function isPlainObject(value: object): boolean {
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  } catch {
    return false;
  }
}

export function spend(text: string, budget: Budget): string {
  const cut = shorten(text, Math.max(0, Math.min(text.length, budget.charactersLeft)));
  budget.charactersLeft -= cut.length;
  return cut;
}

export function shorten(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : text.slice(0, charactersMax).toWellFormed();
}
