/**
 * CallSite: where in the author's code an operator was added, for errors that name two places.
 *
 * The first stack frame outside this room is the author's. Frames of tests count as the author's.
 */

import { dirname } from "node:path";
import { pathOfPlace, stackPlaces } from "./stack-places.ts";

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

/** The first place of a stack is in this file, so its folder is that of the room, or the one that the room is packed into. */
function firstPlaceOutside(stack: string): string | undefined {
  const [here = "", ...above] = stackPlaces(stack);
  const ownFolder = dirname(here);
  return above.find((place) => !isOwn(ownFolder, pathOfPlace(place)));
}

/** Frames of this room between here and the author, at most. */
const ownFramesMax = 9;

function isOwn(ownFolder: string, path: string): boolean {
  return dirname(path) === ownFolder && !/\.test(-d)?\.ts$/.test(path);
}
