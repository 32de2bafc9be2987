/** AuthorPlace: where in the author's code an error comes from, for errors that are shown without their stacks. */

import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { filePlace, stackPlaces } from "../stack-places.ts";

/** `path:line:column` (a syntax error has no column) of the first place of a stack that is in no package and not in Node. */
export function authorPlace(stack: string): string | undefined {
  // What does not parse stands in front of its stack: the path and the line, then that line.
  const unparsed = /^(?:file:\/\/|\/|[A-Za-z]:\\).*:\d+$/.exec(stack.split("\n", 1)[0] ?? "")?.[0];
  const places = stackPlaces(stack);
  return (unparsed === undefined ? places : [filePlace(unparsed), ...places]).find((place) => !isOwn(place));
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const rooms = ["runtime", "actors", "jobs"].map((room) => join(root, room) + sep);

function isOwn(place: string): boolean {
  // What resolves modules in a clone stands in the stack of each that is not found.
  if (["node_modules", ".packing"].some((folder) => place.includes(sep + folder + sep))) return true;
  return rooms.some((room) => place.startsWith(room)) && !place.includes(`${sep}fixtures${sep}`);
}
