/**
 * Loads the rooms from the pack of the sources instead: `node --import ./.packing/load-packed.mjs script.ts`. Threads and processes that
 * are started do the same, with the pack of the first process, when the flag stands in NODE_OPTIONS. A module of the rooms is the same
 * one whoever imports it, by whichever path: the job of a user, an example, or the runtime itself.
 *
 * Plain JavaScript: every thread loads it.
 */

import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const sources = new URL("../", import.meta.url).href;
const roomsPattern = /^(?:runtime|actors|jobs)\/.*(?=\.ts$)/;

process.env.MILLRACE_PACK ??= await import("./source-pack.ts").then(({ sourcePack }) => sourcePack());
const pack = pathToFileURL(`${process.env.MILLRACE_PACK}/`).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    return packedModule(specifier, context.parentURL) ?? nextResolve(specifier, context);
  },
});

/** Undefined for what is not in the pack, such as a test. */
function packedModule(specifier, parent) {
  if (!specifier.endsWith(".ts") || !URL.canParse(specifier, parent)) return undefined;
  const { href } = new URL(specifier, parent);
  const path = href.startsWith(sources) ? roomsPattern.exec(href.slice(sources.length))?.[0] : undefined;
  const url = `${pack}${path}.js`;
  if (path === undefined || !existsSync(fileURLToPath(url))) return undefined;
  return { url, format: "module", shortCircuit: true };
}
