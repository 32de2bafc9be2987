/**
 * CallSite: where in the author's code an operator was added, for errors that name two places.
 *
 * The first stack frame outside this room is the author's. Frames of tests count as the author's.
 */

import { fileURLToPath } from "node:url";

/** `path:line:column` of the author's call, or undefined when the stack does not show it. */
export function callSite(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const stack = new Error("call site").stack ?? "";
  Error.stackTraceLimit = limit;
  for (const line of stack.split("\n").slice(1)) {
    const place = placePattern.exec(line)?.[1];
    if (place !== undefined && !isOwn(place)) return filePlace(place);
  }
  return undefined;
}

const placePattern = /(?:at |\()((?:file:|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/;
const ownFolder = fileURLToPath(new URL(".", import.meta.url));

function isOwn(place: string): boolean {
  const path = filePlace(place).replace(/:\d+:\d+$/, "");
  const isTest = /\.test(-d)?\.ts$/.test(path);
  return path.startsWith(ownFolder) && !/[\\/]/.test(path.slice(ownFolder.length)) && !isTest;
}

function filePlace(place: string): string {
  if (!place.startsWith("file:")) return place;
  const position = /:\d+:\d+$/.exec(place)?.[0] ?? "";
  return fileURLToPath(place.slice(0, place.length - position.length)) + position;
}
