/**
 * Address: where a message goes. A path that never changes while its actor is restarted or its thread replaced, and the
 * number of the host it lives on.
 *
 * The path reads `millrace://<system>/<name>/<name>...`; for the instances of a job's operators
 * `millrace://<system>/<job>/<operator>/<instance>`.
 */

import { OptionError } from "./errors/option-error.ts";
import { nameCharactersMax } from "./limits.ts";

export interface Address {
  readonly path: string;
  /** The host: 0 is the calling thread, 1 and up are worker threads. Stays the same when a thread is replaced. */
  readonly host: number;
}

const scheme = "millrace://";
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*)$/;

/** The path of a top-level actor. */
export function rootPath(system: string, name: string): string {
  return `${scheme}${system}/${name}`;
}

/** The path of an actor below another. */
export function childPath(parent: string, name: string): string {
  return `${parent}/${name}`;
}

/**
 * Checks a name that becomes part of a path: letters, digits, dot, dash, underscore, beginning with a letter or digit.
 * Returns it; throws ERR_RT_OPTION.
 *
 * @param what names the thing in the error: `actor name`, `operator name`
 */
export function checkName(what: string, name: unknown): string {
  if (typeof name === "string" && name.length <= nameCharactersMax && namePattern.test(name)) return name;
  throw new OptionError(
    what,
    name,
    `1 to ${nameCharactersMax} letters, digits, ".", "-" or "_", beginning with a letter or digit`,
  );
}
