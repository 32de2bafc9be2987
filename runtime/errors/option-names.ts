/** The names of options: one that nobody knows would be ignored without a word, where no types are checked. */

import { OptionError } from "./option-error.ts";

/** All names of options of a type: one that is missing, or is none of them, does not compile. */
export type OptionNames<O> = { readonly [Name in keyof O]-?: true };

/**
 * Checks that `options` is an object that holds nothing but options of these names. Throws ERR_RT_OPTION.
 *
 * @param path where they stand, such as `fileLines` or `source "sensor"`
 */
export function checkNames<O extends object>(path: string, options: O, names: OptionNames<O>): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionError(path, options, "an object of options");
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(names, name)) throw unknownName(path, name, Object.keys(names));
  }
}

function unknownName(path: string, name: string, known: readonly string[]): OptionError {
  const meant = nearest(name, known);
  const advice = meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`;
  const allowed = known.length === 0 ? "no options" : `no options but ${known.join(", ")}`;
  return new OptionError(path, name, allowed, advice);
}

/** The one that is so near to `name` that it is likely to be meant. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const given = name.toLowerCase();
  const [best] = known
    .map((each) => ({ each, edits: editsBetween(given, each.toLowerCase()) }))
    .toSorted((one, other) => one.edits - other.edits);
  return best !== undefined && best.edits <= Math.max(1, name.length / 3) ? best.each : undefined;
}

/** How many characters have to be put in, left out, replaced, or changed with the next one, to make one text of the other. */
function editsBetween(one: string, other: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let from = 1; from <= one.length; from += 1) {
    const next = [from];
    for (let to = 1; to <= other.length; to += 1) {
      const replaced = row[to - 1]! + (one[from - 1] === other[to - 1] ? 0 : 1);
      const isSwapped = one[from - 1] === other[to - 2] && one[from - 2] === other[to - 1];
      const swapped = isSwapped ? before[to - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, row[to]! + 1, next[to - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row.at(-1)!;
}
