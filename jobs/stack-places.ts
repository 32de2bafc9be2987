/** StackPlaces: the places of code that an error's stack names, as paths of files. */

import { fileURLToPath } from "node:url";

/** `path:line:column` of each frame that is in a file, the newest first. Frames inside Node have none. */
export function stackPlaces(stack: string): string[] {
  return stack.split("\n").flatMap((line) => {
    const place = framePattern.exec(line)?.[1];
    return place === undefined ? [] : [filePlace(place)];
  });
}

/** A place with a path where it has a file URL. What does not parse has a line and no column. */
export function filePlace(place: string): string {
  if (!place.startsWith("file:")) return place;
  const path = pathOfPlace(place);
  return fileURLToPath(path) + place.slice(path.length);
}

/** The file that a place is in. */
export function pathOfPlace(place: string): string {
  return place.replace(/(?::\d+){1,2}$/, "");
}

/** What a module awaits at its top has a frame that is `async` and has no name. */
const framePattern = /^\s+at (?:.* \(|async )?((?:file:\/\/|\/|[A-Za-z]:\\).*:\d+:\d+)\)?$/;
