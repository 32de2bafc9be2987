/**
 * PrintError: an error as the command line shows it: code and message, then the causes, and where in the author's code the innermost
 * of them comes from; stacks only when asked for.
 */

import { authorPlace } from "./author-place.ts";

export interface PrintErrorOptions {
  /** Adds the stack of each error. */
  readonly verbose: boolean;
}

/** The lines to print, ending with a line break. Takes whatever was thrown. */
export function printError(error: unknown, options: PrintErrorOptions): string {
  const lines = [`error ${described(error)}`];
  if (options.verbose) lines.push(...stackLines(error));
  const seen = new Set([error]);
  let place = placeOf(error);
  const said = [described(error)];
  for (let cause = causeOf(error); cause !== undefined && !seen.has(cause); cause = causeOf(cause)) {
    seen.add(cause);
    if (seen.size > causesMax) {
      lines.push("  ...");
      break;
    }
    place = placeOf(cause) ?? place;
    // Where a message says its cause in the end, that is said once.
    const text = options.verbose ? described(cause) : newsOf(cause, said);
    if (text !== undefined) lines.push(`  caused by ${indented(text)}`);
    said.push(described(cause));
    if (options.verbose) lines.push(...stackLines(cause));
  }
  if (!options.verbose && place !== undefined && !lines.some((line) => line.includes(place)))
    lines.push(`  at ${place}`);
  return `${lines.join("\n")}\n`;
}

const causesMax = 10;

/** What an error says that none before it says in its end: its code at least, if that has not been named. */
function newsOf(error: unknown, said: readonly string[]): string | undefined {
  const text = described(error);
  const isSaid = (part: string) => said.some((before) => before.endsWith(part));
  if (isSaid(text)) return undefined;
  return error instanceof Error && error.message !== "" && isSaid(error.message) ? codeOf(error) : text;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const code = codeOf(error);
  // Errors of the platform often begin with their code already.
  return error.message.startsWith(`${code}: `) ? error.message : `${code}: ${error.message}`;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function placeOf(error: unknown): string | undefined {
  return error instanceof Error ? authorPlace(error.stack ?? "") : undefined;
}

function stackLines(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `    ${line.trim()}`);
}

function indented(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
