/**
 * What operators ask of the functions they are given: a function, and one that answers at once. A promise where a plain
 * value is expected would travel down the stream as an object (a filter would keep everything), so it is refused: an
 * async function when the job is built, a promise when it turns up.
 */

import { MillraceError, OptionError } from "../../runtime/index.ts";

/** A function that returns a promise was given where one that returns a plain value is expected. */
export class AsyncFunctionError extends MillraceError {
  readonly code = "ERR_ACT_ASYNC_FUNCTION";
}

/**
 * Checks a function given by a job's author.
 *
 * @param what where it was given, such as `map` or `scan: seed`
 * @throws ERR_RT_OPTION when it is no function, ERR_ACT_ASYNC_FUNCTION when it is an async function
 */
export function checkPlainFunction(what: string, fn: unknown): void {
  if (typeof fn !== "function") throw new OptionError(what, fn, "a function");
  const tag = Object.prototype.toString.call(fn);
  if (tag !== "[object AsyncFunction]" && tag !== "[object AsyncGeneratorFunction]") return;
  throw asyncFunction(what, `${fn.name || "(anonymous)"} is an async function`);
}

/**
 * Checks what such a function returned.
 *
 * @throws ERR_ACT_ASYNC_FUNCTION when it is a promise or another thenable
 */
export function checkPlainResult(what: string, result: unknown): void {
  if (typeof result === "object" && result !== null && typeof (result as { then?: unknown }).then === "function") {
    refusePromise(what, result);
  }
}

function refusePromise(what: string, result: object): never {
  // Nobody will look at it any more; a rejection must not end the thread.
  if (result instanceof Promise) result.catch(() => undefined);
  throw asyncFunction(what, "the function returned a promise");
}

function asyncFunction(what: string, found: string): AsyncFunctionError {
  return new AsyncFunctionError(`${what}: ${found}, a plain value is expected; mapAsync waits for promises`, {
    details: { what },
  });
}
