/** packageVersion: which millrace this is. */

import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

export function packageVersion(): string {
  const path = findPackageJSON("millrace", import.meta.url);
  const { version } = path === undefined ? {} : JSON.parse(readFileSync(path, "utf8"));
  return typeof version === "string" ? version : "unknown";
}
