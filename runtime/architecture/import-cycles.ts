/**
 * Import cycles. A cycle of value imports makes what a file sees depend on who was loaded first: never allowed.
 * A cycle that exists only through `import type` is gone at run time: allowed inside one folder, whose files are one
 * idea, but not between folders, where it says that neither can be understood without the other.
 */

import { posix } from "node:path";
import { importedPath } from "./rules.ts";
import type { Import, SourceFile } from "./source-file.ts";

type Edges = ReadonlyMap<string, readonly string[]>;

export function importCycleViolations(files: readonly SourceFile[]): string[] {
  const valueCycles = cycles(edges(files, ["value"]));
  const typeCycles = cycles(edges(files, ["value", "type"])).filter(
    (cycle) =>
      new Set(cycle.map((path) => posix.dirname(path))).size > 1 &&
      !valueCycles.some((known) => overlaps(known, cycle)),
  );
  return [
    ...valueCycles.map((cycle) => `import cycle: ${circle(cycle)}`),
    ...typeCycles.map((cycle) => `import cycle of types between folders: ${circle(cycle)}`),
  ];
}

function edges(files: readonly SourceFile[], kinds: readonly Import["kind"][]): Edges {
  return new Map(
    files.map((file) => [
      file.path,
      file.imports
        .filter((found) => kinds.includes(found.kind))
        .flatMap((found) => importedPath(file, found) ?? [])
        .sort(),
    ]),
  );
}

/** The shortest cycle through each file that is on one, one cycle for each set of files that reach each other. */
function cycles(graph: Edges): string[][] {
  const found: string[][] = [];
  const reported = new Set<string>();
  for (const start of [...graph.keys()].sort()) {
    const cycle = reported.has(start) ? undefined : shortestPathBack(graph, start);
    if (cycle === undefined) {
      continue;
    }
    found.push(cycle);
    for (const path of reachable(graph, start)) {
      if (reachable(graph, path).has(start)) {
        reported.add(path);
      }
    }
  }
  return found;
}

function shortestPathBack(graph: Edges, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) {
        const way = [path];
        while (way[0] !== start) {
          way.unshift(cameFrom.get(way[0] as string) as string);
        }
        return way;
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, path);
        queue.push(next);
      }
    }
  }
  return undefined;
}

function reachable(graph: Edges, start: string): Set<string> {
  const seen = new Set<string>();
  const queue = [start];
  for (const path of queue) {
    for (const next of graph.get(path) ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return seen;
}

function circle(cycle: readonly string[]): string {
  return [...cycle, cycle[0]].join(" -> ");
}

function overlaps(left: readonly string[], right: readonly string[]): boolean {
  return left.some((path) => right.includes(path));
}
