/**
 * WireError: an error as plain data, so that its class, code, details and causes survive a thread, a frame and a store.
 *
 * Anything can be thrown, so nothing about the value is trusted: it is read as bounded-plain.ts reads, with one budget of
 * characters over the whole tree of causes.
 *
 * Invariants
 *  I1  toWire never throws and its result is plain data.
 *  I2  toWire(fromWire(wire)) is wire: an error that crosses several borders loses nothing at the second.
 */

import { causeDepthMax, wireErrorCharactersMax } from "../limits.ts";
import { type Budget, isArray, isObject, itemsOf, plain, plainFields, read, shorten, spend } from "./bounded-plain.ts";
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

/**
 * The wire form of anything thrown: an Error of any class, a string, null, a proxy. Never throws.
 *
 * @param charactersMax over all its causes, of an error that has not crossed a border yet
 */
export function toWire(error: unknown, charactersMax = wireErrorCharactersMax): WireError {
  return wireOf(error, { charactersLeft: charactersMax }, 0, new Set());
}

/** The error behind a wire form. */
export function fromWire(wire: WireError): RemoteError {
  return new RemoteError(wire);
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

function wiresOf(errors: readonly unknown[], budget: Budget, depth: number, seen: Set<unknown>): WireError[] {
  return itemsOf(errors)
    .filter((error) => !seen.has(error))
    .map((error) => wireOf(error, budget, depth + 1, seen));
}
