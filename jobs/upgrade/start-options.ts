/** StartOptions: what a job starts from, and what of it may be left behind. */

import { isAbsolute, resolve } from "node:path";
import { checkName, OptionError } from "../../runtime/index.ts";
import type { SavepointPlace } from "../store/savepoint-start.ts";

export interface StartOptions {
  /**
   * A savepoint to begin from instead of the last checkpoint, by its name, or as the path of its file. Once the job has made a
   * checkpoint of its own, it goes on from that, whatever this says: a job that is started again in the same way loses
   * nothing. Needs `storage`.
   */
  readonly from?: string;
  /** Names of operators whose state or position may be left behind, where another version of the job cannot take it. */
  readonly allowDropped?: readonly string[];
}

export interface StartSettings {
  readonly from: SavepointPlace | undefined;
  readonly allowDropped: readonly string[];
}

/** Throws ERR_RT_OPTION. */
export function checkStart({ from, allowDropped = [] }: StartOptions, hasStorage: boolean): StartSettings {
  if (!Array.isArray(allowDropped) || !allowDropped.every((name) => typeof name === "string")) {
    throw new OptionError("allowDropped", allowDropped, "an array of names of operators");
  }
  if (from === undefined) return { from: undefined, allowDropped };
  if (!hasStorage) throw new OptionError("from", from, 'none without storage: "./data"');
  return { from: placeOf(from), allowDropped };
}

function placeOf(from: unknown): SavepointPlace {
  if (typeof from === "string" && (isAbsolute(from) || /[/\\]|\.sqlite$/.test(from))) return { path: resolve(from) };
  return { name: checkName("from: the name of a savepoint, or its path,", from) };
}
