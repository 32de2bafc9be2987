/**
 * partitionedFiles: a sink of bids into files by day and minute, `<directory>/<day>/<minute>/<part>.jsonl`, each of which appears with the
 * checkpoint of its epoch, as a whole, and never changes behind that.
 *
 * What is prepared stands in a file that ends in `.pending`; it is committed by its new name. So a commit that is repeated finds nothing to
 * do, and what was prepared for no checkpoint is known by its end.
 */

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { defineTransactionalSink, type SinkSpec } from "../../jobs/index.ts";
import type { FiledBid } from "./queries/q10.ts";

interface OpenParts {
  readonly name: string;
  /** Lines, by folder. */
  readonly lines: Map<string, string[]>;
}

const pendingEnd = ".pending";
const partEnd = ".jsonl";

export function partitionedFiles(directory: string): SinkSpec<FiledBid> {
  return defineTransactionalSink<FiledBid, OpenParts, readonly string[]>({
    kind: "partitioned files",
    origin: directory,
    create: () => ({
      recover: async (_newest, { namesBeginWith }) => {
        const begin = fileName(namesBeginWith);
        for (const path of await filesIn(directory, pendingEnd)) {
          if (basename(path).startsWith(begin)) await rm(path, { force: true });
        }
      },
      begin: (name) => ({ name, lines: new Map() }),
      write({ lines }, bids) {
        for (const bid of bids) {
          const folder = join(bid.dt, bid.hm.replace(":", "-"));
          const others = lines.get(folder);
          if (others === undefined) lines.set(folder, [JSON.stringify(bid)]);
          else others.push(JSON.stringify(bid));
        }
      },
      prepare: ({ name, lines }) =>
        Promise.all(
          Array.from(lines, async ([folder, ofFolder]) => {
            const path = join(directory, folder, `${fileName(name)}${partEnd}`);
            await mkdir(dirname(path), { recursive: true });
            await writeFile(`${path}${pendingEnd}`, `${ofFolder.join("\n")}\n`, { flush: true });
            return path;
          }),
        ),
      async commit(paths) {
        for (const path of paths) {
          await rename(`${path}${pendingEnd}`, path).catch((error: NodeJS.ErrnoException) => {
            if (error.code !== "ENOENT") throw error;
          });
        }
      },
    }),
  });
}

/** All bids that have been committed. */
export async function readPartitionedFiles(directory: string): Promise<FiledBid[]> {
  const bids: FiledBid[] = [];
  for (const path of await filesIn(directory, partEnd)) {
    for (const line of (await readFile(path, "utf8")).split("\n")) if (line !== "") bids.push(JSON.parse(line));
  }
  return bids;
}

async function filesIn(directory: string, end: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const names = await readdir(directory, { recursive: true });
  return names.filter((name) => name.endsWith(end)).map((name) => join(directory, name));
}

/** Names of transactions hold slashes. */
function fileName(name: string): string {
  return name.replaceAll("/", "~");
}
