/**
 * RowVersions: a row of a table with what it was before, so that it can be asked for as of a time. A version counts from its
 * time up to that of the next; of two with the same time the one that came last.
 *
 * Invariants
 *  V1  versions are in order of time, and no two have the same.
 *  V2  what was asked for as of `horizon` or later is answered the same behind `retained` as before it.
 */

/** Null stands for a row that was deleted, and has none from then on. */
export interface RowVersion<R> {
  readonly time: number;
  readonly row: R | null;
}

/** The versions with one more, which may come late. Returns new ones. */
export function withVersion<R>(versions: readonly RowVersion<R>[], version: RowVersion<R>): readonly RowVersion<R>[] {
  const index = indexAt(versions, version.time);
  const isReplaced = versions[index]?.time === version.time;
  return versions.toSpliced(isReplaced ? index : index + 1, isReplaced ? 1 : 0, version);
}

/** The row as of a time; undefined when there was none. */
export function rowAt<R>(versions: readonly RowVersion<R>[], time: number): R | undefined {
  return versions[indexAt(versions, time)]?.row ?? undefined;
}

/** The versions that can be asked for at `horizon` or later; the same array when those are all. */
export function retained<R>(versions: readonly RowVersion<R>[], horizon: number): readonly RowVersion<R>[] {
  const first = indexAt(versions, horizon);
  // A deletion that nothing is older than says what having no version says.
  const isNothing = versions[first]?.row === null;
  const from = isNothing ? first + 1 : Math.max(0, first);
  return from === 0 ? versions : versions.slice(from);
}

/** The last one at or before a time; -1 for none. */
function indexAt(versions: readonly RowVersion<unknown>[], time: number): number {
  return versions.findLastIndex((version) => version.time <= time);
}
