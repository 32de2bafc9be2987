/** AuthorPlace: where in the author's code an error comes from, for errors that are shown without their stacks. */

import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** `path:line:column` (a syntax error has no column) of the first place of a stack that is in no package and not in Node. */
export function authorPlace(stack: string): string | undefined {
  const lines = stack.split("\n");
  // What does not parse stands in front of its stack: the path and the line, then that line.
  const unparsed = /^(?:file:\/\/|\/|[A-Za-z]:\\).*:\d+$/.exec(lines[0] ?? "")?.[0];
  const places = lines.flatMap((line) => framePattern.exec(line)?.[1] ?? []);
  return [...(unparsed === undefined ? [] : [unparsed]), ...places].map(filePlace).find((place) => !isOwn(place));
}

const framePattern = /^\s+at (?:.* \()?((?:file:\/\/|\/|[A-Za-z]:\\).*:\d+:\d+)\)?$/;
const positionPattern = /(?::\d+){1,2}$/;

function filePlace(place: string): string {
  if (!place.startsWith("file:")) return place;
  const position = positionPattern.exec(place)?.[0] ?? "";
  return fileURLToPath(place.slice(0, place.length - position.length)) + position;
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const rooms = ["runtime", "actors", "jobs"].map((room) => join(root, room) + sep);

function isOwn(place: string): boolean {
  if (place.includes(`${sep}node_modules${sep}`)) return true;
  return rooms.some((room) => place.startsWith(room)) && !place.includes(`${sep}fixtures${sep}`);
}
