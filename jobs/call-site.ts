/**
 * CallSite: where in the author's code an operator was added, for errors that name two places.
 *
 * The first stack frame outside this room is the author's. Frames of tests count as the author's.
 */

import { fileURLToPath } from "node:url";

/** Says `path:line:column` of the author's call, or undefined when the stack does not show it. */
export type CallSite = () => string | undefined;

/** Notes who calls; where that is, is worked out when somebody asks: a graph is built often, and asked about when it is wrong. */
export function callSite(): CallSite {
  const limit = Error.stackTraceLimit;
  // Whoever wants no stacks pays for none.
  if (limit === 0) return () => undefined;
  Error.stackTraceLimit = ownFramesMax + 1;
  const here = new Error("call site");
  Error.stackTraceLimit = limit;
  return () => firstPlaceOutside(here.stack ?? "");
}

function firstPlaceOutside(stack: string): string | undefined {
  for (const line of stack.split("\n").slice(1)) {
    const place = placePattern.exec(line)?.[1];
    if (place !== undefined && !isOwn(place)) return filePlace(place);
  }
  return undefined;
}

/** Frames of this room between here and the author, at most. */
const ownFramesMax = 9;
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
