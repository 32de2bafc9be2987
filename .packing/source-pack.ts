/**
 * SourcePack: the sources of the rooms, packed, for whatever runs from this repository: a start costs a third of the processor time of
 * loading the sources. It is kept below the installation under a name that is made of all that went into it, so that a pack is
 * either that of the sources as they are, or is not found.
 */

import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** More packs that were not used for an hour are removed when a new one is made: older states of the sources. */
const packsKeptMax = 8;
const unusedMs = 3_600_000;

/** Of the packages that millrace loads those that nothing else in this repository shares with it, and that are not loaded by their own name. */
const packedPackages = ["hyparquet", "nanoid", "reflect-metadata", "tsyringe"];

const repository = fileURLToPath(new URL("../", import.meta.url));

/**
 * The folder of the pack of the sources as they are now; it is made when there is none.
 *
 * @param root the folder of the rooms, with an installation below it
 */
export async function sourcePack(root = repository): Promise<string> {
  const cache = join(realpathSync(join(root, "node_modules")), ".cache", "millrace");
  const entries = packedModules(root);
  const folder = join(cache, keyOf(root, entries));
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    await makePack(root, entries, cache, folder);
    removeUnused(cache);
  }
  utimesSync(folder, new Date(), new Date());
  return folder;
}

/** Tests, and what only they use, are loaded as they are. */
function packedModules(root: string): readonly string[] {
  return globSync("{runtime,actors,jobs}/**/*.ts", { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/\.test(-d)?\.ts$|\/fixtures\/|\/architecture\//.test(path))
    .toSorted();
}

function keyOf(root: string, entries: readonly string[]): string {
  const hash = createHash("sha256").update(root);
  const makers = [".packing/pack-modules.ts", ".packing/source-pack.ts", "package-lock.json"];
  const files = [...entries.map((path) => join(root, path)), ...makers.map((path) => join(repository, path))];
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 24);
}

/** Whoever makes the same one at the same time makes the same: the first to finish it gives it its name. */
async function makePack(root: string, entries: readonly string[], cache: string, folder: string): Promise<void> {
  const { packModules } = await import("./pack-modules.ts");
  const unfinished = mkdtempSync(join(cache, "unfinished-"));
  try {
    await packModules({
      root,
      entries,
      folder: unfinished,
      home: JSON.stringify(pathToFileURL(join(root, "/")).href),
      ending: ".ts",
      packages: packedPackages,
    });
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function removeUnused(cache: string): void {
  const packs = readdirSync(cache)
    .map((name) => ({ path: join(cache, name), usedAt: statSync(join(cache, name)).mtimeMs }))
    .toSorted((a, b) => b.usedAt - a.usedAt);
  for (const { path, usedAt } of packs.slice(packsKeptMax)) {
    if (Date.now() - usedAt > unusedMs) rmSync(path, { recursive: true, force: true });
  }
}
