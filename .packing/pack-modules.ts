/**
 * packModules: the modules of millrace in a few files, so that a thread or process loads three files instead of five hundred. What can
 * be imported keeps its path: `jobs/index.js` is a line that exports from the packed files.
 *
 * Invariants
 *  K1  each module is in one packed file only, so its classes and its state exist once, whichever path it is imported by.
 *  K2  a packed file imports only from those before it, so modules run in the order in which the sources would.
 *  K3  a module knows itself by the URL that it has as a file of its own (`import.meta.url`), and finds its neighbours by it.
 *  K4  a module that no other imports, such as what a thread starts with, is in a file of its own: it runs only when it is named. */

import { join, relative, sep } from "node:path";
import { type Plugin, rolldown } from "rolldown";

export interface PackOptions {
  /** The folder of the sources. */
  readonly root: string;
  /** Paths, from `root`, of the modules that can be imported or loaded by name. */
  readonly entries: readonly string[];
  /** Where the packed files go. */
  readonly folder: string;
  /** An expression: the URL of the folder in which modules find themselves, as it is seen from the packed files. */
  readonly home: string;
  /** What the names of modules end in there. */
  readonly ending: ".ts" | ".js";
  /** Packages that are packed as well; those that users import too would exist twice. */
  readonly packages: readonly string[];
}

/** Each packed file holds what these modules load, as far as it is not in a file before it; the last one holds what is left. */
const layers: readonly (readonly [name: string, modules: readonly string[]])[] = [
  ["threads", ["runtime/threads/thread-main.ts", "runtime/threads/service-thread-main.ts"]],
  ["millrace", ["jobs/index.ts", "jobs/run/chain-cell.ts", "jobs/run/rehearsal.ts", "jobs/store/store-thread.ts"]],
];
const lastLayer = "testing";

/** @throws what rolldown says of a module that cannot be packed */
export async function packModules({ root, entries, folder, home, ending, packages }: PackOptions): Promise<void> {
  const paths = entries.map((path) => join(root, path));
  await using pack = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((path, index) => [withoutEnding(path), paths[index] ?? path])),
    platform: "node",
    external: (id) => isPackage(id) && !packages.includes(packageOf(id)),
    // What runs when a module is loaded shall run; what is never used costs next to nothing.
    treeshake: false,
    preserveEntrySignatures: "allow-extension",
    // What is packed where is for the layers alone to say.
    experimental: { chunkOptimization: false },
    transform: { define: { [metaUrl]: metaUrlName } },
    plugins: [knowsItself((path) => relative(root, path).split(sep).join("/").replace(/\.ts$/, ending), home)],
  });
  let layerOf: ReadonlyMap<string, string> | undefined;
  await pack.write({
    dir: folder,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    sourcemap: true,
    sourcemapExcludeSources: true,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          debugName: "layers",
          name(id, modules) {
            layerOf ??= layersBy((path) => modules.getModuleInfo(path), root, paths);
            return layerOf.get(id);
          },
        },
      ],
    },
  });
}

interface ModuleLinks {
  readonly importers: readonly string[];
  readonly importedIds: readonly string[];
}

/** The packed file of each module that has importers. */
function layersBy(
  linksOf: (id: string) => ModuleLinks | null,
  root: string,
  paths: readonly string[],
): ReadonlyMap<string, string> {
  const layerOf = new Map<string, string>();
  const seen = new Set<string>();
  const given = layers.map(([name, modules]) => [name, modules.map((path) => join(root, path))] as const);
  for (const [name, modules] of [...given, [lastLayer, paths] as const]) {
    const waiting = [...modules];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const links = linksOf(id);
      if (links === null) continue;
      if (links.importers.length > 0) layerOf.set(id, name);
      waiting.push(...links.importedIds);
    }
  }
  return layerOf;
}

const metaUrl = "import.meta.url";
const metaUrlName = "importMetaUrl";
const urlPrefix = "\0url of ";
const homeId = "\0home";

/** Imports stand at the end of a module as well as at its top, so its lines stay where they were. */
function knowsItself(pathOf: (id: string) => string, home: string): Plugin {
  return {
    name: "modules that know themselves",
    transform: {
      filter: { id: { exclude: /\0/ }, code: metaUrl },
      handler: (code, id) => ({
        code: `${code}\nimport { url as ${metaUrlName} } from ${JSON.stringify(urlPrefix + pathOf(id))};\n`,
        map: null,
      }),
    },
    resolveId: { filter: { id: /^\0/ }, handler: (id) => id },
    load: {
      filter: { id: /^\0/ },
      handler(id) {
        if (id === homeId) return `export const home = ${home};`;
        const path = JSON.stringify(id.slice(urlPrefix.length));
        return `import { home } from ${JSON.stringify(homeId)}; export const url = home + ${path};`;
      },
    },
  };
}

function isPackage(id: string): boolean {
  return !/^[./\0]|^[A-Za-z]:\\/.test(id);
}

/** Of `hyparquet/src/convert.js` it is `hyparquet`. */
function packageOf(id: string): string {
  return id.split("/", id.startsWith("@") ? 2 : 1).join("/");
}

function withoutEnding(path: string): string {
  return path.replace(/\.ts$/, "");
}
