/**
 * Loads the rooms from the pack of the sources instead: `node --import ./.packing/load-packed.mjs script.ts`. Threads and processes that
 * are started do the same, with the pack of the first process, when the flag stands in NODE_OPTIONS. A module of the rooms is the same
 * one whoever imports it, by whichever path: the job of a user, an example, or the runtime itself. Where the package is not installed,
 * its name stands for the pack too, so that jobs which import "millrace" run in a clone.
 *
 * Plain JavaScript: every thread loads it.
 */

import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const sources = new URL("../", import.meta.url).href;
const roomsPattern = /^(?:runtime|actors|jobs)\/.*(?=\.ts$)/;

process.env.MILLRACE_PACK ??= await import("./source-pack.ts").then(({ sourcePack }) => sourcePack());
const pack = pathToFileURL(`${process.env.MILLRACE_PACK}/`).href;

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = packedModule(specifier, context.parentURL);
    if (found !== undefined) return found;
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      const own = exportedModule(specifier);
      if (own === undefined) throw error;
      return own;
    }
  },
});

/** Undefined for what is no export of the package. */
function exportedModule(specifier) {
  const isOwn = specifier === manifest.name || specifier.startsWith(`${manifest.name}/`);
  const target = isOwn ? manifest.exports[`.${specifier.slice(manifest.name.length)}`]?.default : undefined;
  if (target === undefined) return undefined;
  return { url: new URL(target.replace("./dist/", ""), pack).href, format: "module", shortCircuit: true };
}

/** Undefined for what is not in the pack, such as a test. */
function packedModule(specifier, parent) {
  if (!specifier.endsWith(".ts") || !URL.canParse(specifier, parent)) return undefined;
  const { href } = new URL(specifier, parent);
  const path = href.startsWith(sources) ? roomsPattern.exec(href.slice(sources.length))?.[0] : undefined;
  const url = `${pack}${path}.js`;
  if (path === undefined || !existsSync(fileURLToPath(url))) return undefined;
  return { url, format: "module", shortCircuit: true };
}
