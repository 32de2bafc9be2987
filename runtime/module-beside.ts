/**
 * moduleBeside: a module that a thread or a process loads by name. It stands beside the module that names it, in the sources, where both
 * end in `.ts`, and in the built package, where both end in `.js`.
 */

import { extname } from "node:path";

/**
 * @param url `import.meta.url` of the module that names it
 * @param name its file name, without the ending
 */
export function moduleBeside(url: string, name: string): string {
  return new URL(`${name}${extname(new URL(url).pathname)}`, url).href;
}
