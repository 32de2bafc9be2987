/**
 * WireError: an error as plain data, so that its class, code, details and causes survive a thread, a frame and a store.
 *
 * Anything can be thrown, so nothing about the value is trusted: every read may throw (getters, proxies), every part is
 * cut to a bound, and one budget of characters is spent over the whole tree of causes.
 *
 * Invariants
 *  I1  toWire never throws and its result is plain data.
 *  I2  toWire(fromWire(wire)) is wire: an error that crosses several borders loses nothing at the second.
 */

import { causeDepthMax, wireErrorCharactersMax, wireErrorItemsMax } from "../limits.ts";
import { printValue } from "./option-error.ts";

export interface WireError {
  readonly name: string;
  /** The class of the error and those it extends, nearest first; empty when no Error was thrown. */
  readonly classNames: readonly string[];
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Own fields other than the named ones, as plain data. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly cause?: WireError;
  /** Of an AggregateError. */
  readonly errors?: readonly WireError[];
}

/** An error that happened on another thread or in another process: name, code, stack, details and cause of the original. */
export class RemoteError extends Error {
  readonly code: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** The class of the original and those it extends, nearest first. */
  readonly classNames: readonly string[];
  /** Of an AggregateError; empty otherwise. */
  readonly errors: readonly RemoteError[];
  readonly #wire: WireError;

  constructor(wire: WireError) {
    super(wire.message, wire.cause === undefined ? undefined : { cause: new RemoteError(wire.cause) });
    this.#wire = wire;
    this.code = wire.code;
    this.details = wire.details ?? {};
    this.classNames = wire.classNames;
    this.errors = (wire.errors ?? []).map((error) => new RemoteError(error));
    for (const [field, value] of Object.entries(wire.fields ?? {})) {
      if (!(field in this)) Object.defineProperty(this, field, { value, enumerable: true, configurable: true });
    }
    Object.defineProperty(this, "name", { value: wire.name, configurable: true });
    const stack = wire.stack ?? `${wire.name}: ${wire.message}`;
    Object.defineProperty(this, "stack", { value: stack, configurable: true, writable: true });
  }

  get wire(): WireError {
    return this.#wire;
  }
}

/** The wire form of anything thrown: an Error of any class, a string, null, a proxy. Never throws. */
export function toWire(error: unknown): WireError {
  return wireOf(error, { charactersLeft: wireErrorCharactersMax }, 0, new Set());
}

/** The error behind a wire form. */
export function fromWire(wire: WireError): RemoteError {
  return new RemoteError(wire);
}

interface Budget {
  charactersLeft: number;
}

function wireOf(error: unknown, budget: Budget, depth: number, seen: Set<unknown>): WireError {
  if (isRemote(error)) return error.wire;
  const message = isObject(error) ? read(error, "message") : undefined;
  if (!isObject(error) || typeof message !== "string") return wireOfThrownValue(error, budget);
  seen.add(error);
  const code = read(error, "code");
  const stack = read(error, "stack");
  const classNames = classNamesOf(error);
  const details = read(error, "details");
  const fields = fieldsOf(error, budget);
  const wire = {
    name: nameOf(error, classNames, budget),
    classNames,
    message: spend(message, budget),
    ...(typeof code === "string" ? { code: spend(code, budget) } : {}),
    ...(typeof stack === "string" ? { stack: spend(stack, budget) } : {}),
    ...(isObject(details) ? { details: plainFields(details, Object.keys, budget, 0) } : {}),
    ...(fields === undefined ? {} : { fields }),
  };
  if (depth >= causeDepthMax) return wire;
  const cause = read(error, "cause");
  const errors = read(error, "errors");
  return {
    ...wire,
    ...(cause === undefined || seen.has(cause) ? {} : { cause: wireOf(cause, budget, depth + 1, seen) }),
    ...(isArray(errors) ? { errors: wiresOf(errors, budget, depth, seen) } : {}),
  };
}

function isRemote(error: unknown): error is RemoteError {
  try {
    return error instanceof RemoteError && error.wire !== undefined;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** A property that may be a getter that throws, of an object that may be a proxy that throws. */
function read(object: object, property: PropertyKey): unknown {
  try {
    return Reflect.get(object, property);
  } catch {
    return undefined;
  }
}

function wireOfThrownValue(thrown: unknown, budget: Budget): WireError {
  const text = isObject(thrown) ? printObject(thrown, budget) : printValue(thrown);
  return { name: "ThrownValue", classNames: [], message: spend(`thrown, but not an Error: ${text}`, budget) };
}

const thrownCharactersMax = 200;

/** By way of the bounded plain form: JSON of what was thrown itself could be without end. */
function printObject(object: object, budget: Budget): string {
  const text = JSON.stringify(
    plain(object, { charactersLeft: Math.min(thrownCharactersMax, budget.charactersLeft) }, 0),
  );
  return shorten(text, thrownCharactersMax);
}

function nameOf(error: object, classNames: readonly string[], budget: Budget): string {
  const name = read(error, "name");
  return spend(typeof name === "string" && name !== "" ? name : (classNames[0] ?? "Error"), budget);
}

function classNamesOf(error: object): string[] {
  const names: string[] = [];
  try {
    let prototype: object | null = Object.getPrototypeOf(error);
    while (prototype !== null && prototype !== Object.prototype && names.length < causeDepthMax) {
      const made = Object.hasOwn(prototype, "constructor") ? read(prototype, "constructor") : undefined;
      const name = typeof made === "function" ? read(made, "name") : undefined;
      if (typeof name === "string" && name !== "") names.push(shorten(name, 128));
      prototype = Object.getPrototypeOf(prototype);
    }
  } catch {
    return names;
  }
  return names;
}

const namedFields = new Set(["name", "message", "stack", "code", "details", "cause", "errors"]);

function fieldsOf(error: object, budget: Budget): Record<string, unknown> | undefined {
  const fields = plainFields(error, (of) => Object.keys(of).filter((field) => !isNamed(of, field)), budget, 0);
  return Object.keys(fields).length === 0 ? undefined : fields;
}

/** A numeric `code` has no other place than among the fields. */
function isNamed(error: object, field: string): boolean {
  return namedFields.has(field) && !(field === "code" && typeof read(error, field) !== "string");
}

const fieldDepthMax = 4;

function plainFields(
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

function plain(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === "string") return spend(value, budget);
  if (typeof value === "bigint") return spend(`${value}n`, budget);
  if (typeof value === "function" || typeof value === "symbol") return spend(printValue(value), budget);
  if (!isObject(value)) return value;
  // Every item costs something, or shared references could make a tree without end.
  budget.charactersLeft -= 1;
  if (depth >= fieldDepthMax || budget.charactersLeft <= 0) return "...";
  if (isArray(value)) return value.slice(0, wireErrorItemsMax).map((item) => plain(item, budget, depth + 1));
  if (isPlainObject(value)) return plainFields(value, Object.keys, budget, depth + 1);
  const message = read(value, "message");
  return spend(
    typeof message === "string" ? `${nameOf(value, classNamesOf(value), budget)}: ${message}` : tag(value),
    budget,
  );
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

function wiresOf(errors: readonly unknown[], budget: Budget, depth: number, seen: Set<unknown>): WireError[] {
  const wires: WireError[] = [];
  for (let index = 0; index < Math.min(wireErrorItemsMax, errors.length); index += 1) {
    const error = read(errors, index);
    if (!seen.has(error)) wires.push(wireOf(error, budget, depth + 1, seen));
  }
  return wires;
}

function spend(text: string, budget: Budget): string {
  const cut = shorten(text, Math.max(0, Math.min(text.length, budget.charactersLeft)));
  budget.charactersLeft -= cut.length;
  return cut;
}

function shorten(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : text.slice(0, charactersMax).toWellFormed();
}
