/**
 * TakeRow: a function made for the keys of a shape, and for the columns of one batch, that writes one row to a place of them. It does not
 * look whether the row is of the shape: that has to be known of it. What it is not given to keep it does not keep, so that a row which is made
 * for it alone need not be made (docs/decisions/0074).
 *
 * Invariants
 *  R2  as row-reader.ts says, row by row.
 */

import { type ColumnKind, type DoubleColumn, fewWords, type IntColumn, isWord, type WordColumn } from "./column.ts";

/** What it answers when the row is in place; otherwise the column that has no place for its value. */
export const isPlaced = -1;

export type TakeRow = (row: unknown, at: number) => number;
/** Whether a value is that of a row by a certain key. */
export type HasValue = (row: unknown, value: unknown) => boolean;

/** A list of values, another one for each batch. */
export class ListStore {
  list: unknown[];

  constructor(length: number) {
    this.list = new Array<unknown>(length);
  }
}

/** What the values of a key are written to. */
export type Store = IntColumn | DoubleColumn | WordColumn | ListStore;

export function makeTaker(keys: readonly string[], kinds: readonly ColumnKind[], stores: readonly Store[]): TakeRow {
  const parts = keys.map((key, index) => takerParts[kinds[index] as ColumnKind](index, `row[${JSON.stringify(key)}]`));
  const text = `"use strict";
    ${parts.map(({ before }) => before).join("\n")}
    return (row, i) => {
      ${parts.map(({ each }) => each).join("\n")}
      return ${isPlaced};
    };`;
  return made("stores, isWord", text)(stores, isWord) as TakeRow;
}

export function makeHasValue(key: string): HasValue {
  return made("", `"use strict"; return (row, value) => Object.is(row[${JSON.stringify(key)}], value);`)() as HasValue;
}

const makersMax = 1_000;
const makers = new Map<string, (...given: unknown[]) => unknown>();

/** By their texts, so that an edge that is made again finds its functions compiled. */
function made(parameters: string, text: string): (...given: unknown[]) => unknown {
  const known = makers.get(text);
  if (known !== undefined) return known;
  if (makers.size === makersMax) makers.clear();
  const maker = new Function(parameters, text) as (...given: unknown[]) => unknown;
  makers.set(text, maker);
  return maker;
}

interface TakerParts {
  readonly before: string;
  readonly each: string;
}

const takerParts: Readonly<Record<ColumnKind, (index: number, value: string) => TakerParts>> = {
  int: (n, value) => ({
    before: `const c${n} = stores[${n}].values;`,
    each: `const v${n} = ${value};
      if (typeof v${n} !== "number") return ${n};
      const w${n} = v${n} | 0;
      if (w${n} !== v${n} || (w${n} === 0 && 1 / v${n} < 0)) return ${n};
      c${n}[i] = w${n};`,
  }),
  double: (n, value) => ({
    before: `const c${n} = stores[${n}].values;`,
    each: `const v${n} = ${value};
      if (typeof v${n} !== "number") return ${n};
      c${n}[i] = v${n};`,
  }),
  word: (n, value) => ({
    before: `const c${n} = stores[${n}].codes, s${n} = stores[${n}].words;`,
    each: `const v${n} = ${value};
      let w${n} = 0;
      while (w${n} < s${n}.length && s${n}[w${n}] !== v${n}) w${n} += 1;
      if (w${n} === s${n}.length) {
        if (w${n} === ${fewWords} || !isWord(v${n})) return ${n};
        s${n}.push(v${n});
      }
      c${n}[i] = w${n};`,
  }),
  any: (n, value) => ({ before: `const c${n} = stores[${n}];`, each: `c${n}.list[i] = ${value};` }),
};
