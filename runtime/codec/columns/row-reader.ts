/**
 * RowReader: a function made for the keys of a shape, and for what each of them is read into, that reads rows into columns in one pass.
 * Reading `row[key]` with whatever key costs the engine a look-up; a function in which the keys are written reads a field at a fixed place.
 *
 * Invariants
 *  R1  what was read is all that there is: an object with another key, or the same in another order, is not of the shape.
 *  R2  it reads what `column.ts` does, list by list.
 */

import { type Column, type ColumnKind, fewWords, isWord } from "./column.ts";

/** What a reader answers when it has read all rows; otherwise the column that has no place for a value, or a negative number. */
export const readAll = -1;
export const otherShape = -2;

export type ReadRows = (rows: readonly unknown[], count: number, columns: readonly Column[]) => number;

export type HasShape = (row: object) => boolean;

export function makeReader(keys: readonly string[], kinds: readonly ColumnKind[]): ReadRows {
  const parts = keys.map((key, index) => readerParts[kinds[index] as ColumnKind](index, `row[${JSON.stringify(key)}]`));
  const made = new Function(
    "rows, count, columns, prototype, isWord",
    `"use strict";
    ${parts.map(({ before }) => before).join("")}
    const keys = ${JSON.stringify(keys)};
    for (let i = 0; i < count; i += 1) {
      const row = rows[i];
      if (typeof row !== "object" || row === null || row.__proto__ !== prototype) return ${otherShape};
      ${checkKeys(keys, String(otherShape))}
      ${parts.map(({ each }) => each).join("")}
    }
    ${parts.map(({ behind }) => behind).join("")}
    return ${readAll};`,
  ) as (...given: [...Parameters<ReadRows>, object, typeof isWord]) => number;
  return (rows, count, columns) => made(rows, count, columns, Object.prototype, isWord);
}

export function makeCheck(keys: readonly string[]): HasShape {
  const made = new Function(
    "row, prototype",
    `"use strict";
    const keys = ${JSON.stringify(keys)};
    if (row.__proto__ !== prototype) return false;
    ${checkKeys(keys, "false")}
    return true;`,
  ) as (row: object, prototype: object) => boolean;
  return (row) => made(row, Object.prototype);
}

interface ReaderParts {
  readonly before: string;
  readonly each: string;
  readonly behind: string;
}

const readerParts: Readonly<Record<ColumnKind, (index: number, value: string) => ReaderParts>> = {
  int: (n, value) => ({
    before: `const c${n} = columns[${n}].values; let m${n} = 0;`,
    each: `const v${n} = ${value};
      if (typeof v${n} !== "number") return ${n};
      const w${n} = v${n} | 0;
      if (w${n} !== v${n} || (w${n} === 0 && 1 / v${n} < 0)) return ${n};
      c${n}[i] = w${n};
      m${n} |= w${n} ^ (w${n} >> 31);`,
    behind: `columns[${n}].magnitude = m${n};`,
  }),
  double: (n, value) => ({
    before: `const c${n} = columns[${n}].values; let l${n} = Infinity, h${n} = -Infinity, a${n} = true;`,
    each: `const v${n} = ${value};
      if (typeof v${n} !== "number") return ${n};
      c${n}[i] = v${n};
      if (v${n} < l${n}) l${n} = v${n};
      if (v${n} > h${n}) h${n} = v${n};
      if (Math.floor(v${n}) !== v${n} || (v${n} === 0 && 1 / v${n} < 0)) a${n} = false;`,
    behind: `const d${n} = columns[${n}]; d${n}.low = l${n}; d${n}.high = h${n}; d${n}.areWhole = a${n};`,
  }),
  word: (n, value) => {
    const names = Array.from({ length: fewWords }, (_, code) => `s${n}_${code}`);
    const found = names.map((name, code) => `if (t${n} > ${code} && v${n} === ${name}) c${n}[i] = ${code};`);
    const noted = names.map((name, code) => `if (t${n} === ${code}) ${name} = v${n};`);
    return {
      before: `const c${n} = columns[${n}].codes; let t${n} = 0, ${names.join(", ")};`,
      each: `const v${n} = ${value};
        ${found.join(" else ")} else {
          if (t${n} === ${fewWords} || !isWord(v${n})) return ${n};
          ${noted.join(" else ")}
          c${n}[i] = t${n};
          t${n} += 1;
        }`,
      behind: `columns[${n}].words = [${names.join(", ")}].slice(0, t${n});`,
    };
  },
  any: (n, value) => ({ before: `const c${n} = columns[${n}];`, each: `c${n}[i] = ${value};`, behind: "" }),
};

const fewKeys = 6;

/** R1. Few keys are collected first and compared afterwards, with constants, which takes half the time. */
function checkKeys(keys: readonly string[], otherwise: string): string {
  const { length } = keys;
  if (length > fewKeys) {
    return `let at = 0;
      for (const key in row) {
        if (key !== keys[at]) return ${otherwise};
        at += 1;
      }
      if (at !== ${length}) return ${otherwise};`;
  }
  const names = keys.map((_, index) => `k${index}`);
  const shift = names.map((name, index) => `${name} = ${names[index + 1] ?? "key"};`).join(" ");
  const differs = keys.map((key, index) => ` || k${index} !== ${JSON.stringify(key)}`).join("");
  return `let ${["at = 0", ...names].join(", ")};
    for (const key in row) { at += 1; ${shift} }
    if (at !== ${length}${differs}) return ${otherwise};`;
}
