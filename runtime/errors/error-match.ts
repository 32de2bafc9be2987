/** ErrorMatch: how users say "errors of this kind": a class, a code, or a predicate. Works across threads. */

import { RemoteError } from "./wire-error.ts";

export type ErrorClass = abstract new (...parameters: never[]) => Error;
export type ErrorMatch = ErrorClass | string | ((error: unknown) => boolean);

/**
 * Whether `error` is of the kind that `match` says: an instance of the class (or, when it comes from another thread, of
 * a class of that name), an error with that `code`, or one for which the predicate returns true. A predicate that throws
 * does not match.
 */
export function errorMatches(error: unknown, match: ErrorMatch): boolean {
  try {
    if (typeof match === "string") return codeOf(error) === match;
    if (isErrorClass(match)) return error instanceof match || hasClassName(error, match.name);
    return match(error) === true;
  } catch {
    return false;
  }
}

function isErrorClass(match: ErrorMatch): match is ErrorClass {
  return typeof match === "function" && ((match as unknown) === Error || match.prototype instanceof Error);
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
}

function hasClassName(error: unknown, name: string): boolean {
  return error instanceof RemoteError && error.classNames.includes(name);
}
