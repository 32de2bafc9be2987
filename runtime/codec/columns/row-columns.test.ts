import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBatch, encodeBatch, encodeRows } from "../batch-codec.ts";
import { RowColumns } from "./row-columns.ts";
import { isPlaced } from "./row-taker.ts";

type Key = string | number | bigint | boolean;
type Row = Readonly<Record<string, unknown>>;

/** Takes rows until one has no place, as a caller does that makes a batch of those before. */
function batches(rows: readonly Row[], keyOf: (row: Row, index: number) => Key) {
  const columns = RowColumns.for(rows[0], 64)!;
  const done: { readonly values: Row[]; readonly keys: Key[]; readonly bytes: Uint8Array | undefined }[] = [];
  let from = 0;
  const end = (to: number) => {
    if (columns.count === 0) return;
    const values = rows.slice(from, to);
    const keys = values.map((row, index) => keyOf(row, from + index));
    const batch = columns.batchOf(0, columns.count);
    expect(batch.values).toStrictEqual(values);
    expect(batch.keys).toStrictEqual(keys);
    expect(keys.map((_, index) => columns.keyAt(index))).toStrictEqual(keys);
    done.push({ values, keys, bytes: encodeRows(columns)?.slice() });
    columns.clear();
    from = to;
  };
  for (const [index, row] of rows.entries()) {
    let misfit = columns.take(row, columns.count);
    while (misfit !== isPlaced) {
      end(index);
      columns.widen(misfit);
      misfit = columns.take(row, columns.count);
    }
    const key = keyOf(row, index);
    if (columns.keys !== undefined || !columns.hasKey(row, key)) columns.keep(key);
    columns.count += 1;
    if (columns.count === columns.room) end(index + 1);
  }
  end(rows.length);
  return done;
}

const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: -5, max: 300 }),
  fc.constantFrom(-0, 0, 0.5, 2 ** 31, -(2 ** 31), 2 ** 40, Number.NaN, Number.NEGATIVE_INFINITY),
  fc.double(),
);
const word = fc.constantFrom<unknown>("car", "bus", "", true, false, null, undefined, "a", "b", "c", "d");
const other = fc.oneof(
  fc.string(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.array(fc.integer()),
  fc.dictionary(fc.string(), fc.integer()),
);
/** Mostly of one kind, as the values of a field are. */
const field = fc.oneof(
  fc.array(number, { minLength: 1, maxLength: 8 }),
  fc.array(word, { minLength: 1, maxLength: 8 }),
  fc.array(other, { minLength: 1, maxLength: 8 }),
  fc.array(fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 9 }) }, number, word, other), {
    minLength: 1,
    maxLength: 30,
  }),
);
const keyForm = fc.constantFrom<"field" | "index" | "text" | "at times a field">(
  "field",
  "index",
  "text",
  "at times a field",
);

describe("rows that are taken one by one", () => {
  test("are written as batches of them are", () => {
    fc.assert(
      fc.property(
        fc.array(field, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 200 }),
        keyForm,
        (fields, count, form) => {
          const rows = Array.from({ length: count }, (_, index): Row => {
            return Object.fromEntries(fields.map((values, at) => [`f${at}`, values[index % values.length]]));
          });
          const done = batches(rows, ({ f0 }, index) => {
            const isKey =
              typeof f0 === "string" || (typeof f0 === "number" && !Number.isNaN(f0)) || typeof f0 === "bigint";
            if (isKey && (form === "field" || (form === "at times a field" && index % 90 < 70))) return f0;
            return form === "text" ? `${index % 7}` : index;
          });

          expect(done.flatMap(({ values }) => values)).toStrictEqual(rows);
          for (const { values, keys, bytes } of done) {
            if (values.length < 16) expect(bytes).toBeUndefined();
            else {
              expect(decodeBatch(bytes!)).toStrictEqual(decodeBatch(encodeBatch({ values, times: undefined, keys })));
              expect(Buffer.compare(bytes!, encodeBatch({ values, times: undefined, keys }))).toBe(0);
            }
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test("leave no word behind that only a row has which was not taken", () => {
    const columns = RowColumns.for({ word: "a", count: 1 }, 64)!;
    for (let index = 0; index < 20; index += 1) {
      columns.take({ word: "a", count: index }, columns.count);
      columns.keep(index);
      columns.count += 1;
    }

    expect(columns.take({ word: "b", count: "many" }, columns.count)).toBe(1);

    const { values, keys } = columns.batchOf(0, 20);
    expect(Buffer.compare(encodeRows(columns)!.slice(), encodeBatch({ values, times: undefined, keys }))).toBe(0);
  });

  test("are left to batches where they cannot be written", () => {
    const columns = RowColumns.for({ fn: () => 1 }, 64)!;
    for (let index = 0; index < 20; index += 1) {
      columns.take({ fn: () => index }, columns.count);
      columns.keep(index);
      columns.count += 1;
    }

    expect(encodeRows(columns)).toBeUndefined();
    expect(columns.batchOf(3, 1).keys).toEqual([3]);
  });

  test("are none of what is no plain object", () => {
    for (const value of [1, null, [], new Date(0), Object.create(null), undefined])
      expect(RowColumns.for(value, 64)).toBeUndefined();
  });
});
