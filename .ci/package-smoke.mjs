/**
 * Loads what the built package exports, the way a user's import finds it, and starts its command.
 * Also: the compiler rewrites `.ts` to `.js` in imports, but not in the URL of a file that a thread loads.
 */

import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";

process.chdir(new URL("..", import.meta.url).pathname);
const { name, version, exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));

for (const path of Object.keys(exports).filter((path) => !path.endsWith(".json"))) {
  const specifier = name + path.slice(1);
  const loaded = await import(specifier);
  const exported = Object.keys(loaded);
  if (exported.length === 0) {
    throw new Error(`${specifier} exports no value`);
  }
  console.log(`${specifier} exports ${exported.length} values`);
}

const printed = execFileSync(process.execPath, [bin[name], "--version"], { encoding: "utf8" }).trim();
if (!printed.includes(version)) {
  throw new Error(`${bin[name]} --version printed "${printed}", package.json says ${version}`);
}

const stale = globSync("dist/**/*.js").filter((path) =>
  /new URL\(\s*["'`][^"'`]*\.ts["'`]/.test(readFileSync(path, "utf8")),
);
if (stale.length > 0) {
  throw new Error(`these point to a .ts file that the package does not hold: ${stale.join(", ")}`);
}
