import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Columns, decodeBatch, encodeBatch } from "../batch-codec.ts";

/** In a buffer of its own. */
function encoded(batch: Columns): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeBatch(batch));
}

/** When it was met so often, a shape has functions of its own. */
const meetings = 5;

function roundTrip(batch: Columns): Columns {
  const first = encoded(batch);
  for (let meeting = 2; meeting < meetings; meeting += 1) encoded(batch);
  const last = encoded(batch);
  // What is sent, and kept, must not depend on what was sent before: a simulated run would not be the same twice.
  expect(Buffer.compare(first, last)).toBe(0);
  expect(decodeBatch(first)).toEqual(decodeBatch(last));
  return decodeBatch(last);
}

function batchOf(values: readonly unknown[]): Columns {
  return { values, times: undefined, keys: undefined };
}

function rows(count: number, row: (index: number) => unknown): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => row(index));
}

/** Bytes of each event. */
function density(values: readonly unknown[]): number {
  roundTrip(batchOf(values));
  return encoded(batchOf(values)).byteLength / values.length;
}

describe("a batch of one shape takes", () => {
  const count = 1_000;

  test.each<[string, number, (index: number) => unknown]>([
    ["nothing for what is the same in all", 0, () => "car"],
    ["a byte for whole numbers of 8 bits", 1, (index) => (index % 256) - 128],
    ["two bytes for those of 16", 2, (index) => index - 500],
    ["four bytes for those of 32", 4, (index) => index * 2_000_003 - 1_000_000_000],
    ["two bytes for times that are close", 2, (index) => 1_700_000_000_000 + index * 60],
    ["four bytes for times of a month", 4, (index) => 1_700_000_000_000 + index * 2_500_000],
    ["two bytes for dates that are close", 2, (index) => new Date(1_700_000_000_000 + index * 60)],
    ["eight bytes for other numbers", 8, (index) => index / 7],
    ["eight bytes for whole numbers that are far from each other", 8, (index) => index * 2 ** 40],
    ["a byte for a truth", 1, (index) => index % 3 === 0],
    ["a byte for words of which there are few", 1, (index) => `word ${index % 20}`],
    ["two bytes for words of which there are more", 2, (index) => (index % 300 === 0 ? null : `${index % 300}`)],
  ])("%s", (_, bytes, field) => {
    const wordBytes = 2_500;

    expect(Math.floor(density(rows(count, (index) => ({ field: field(index) }))) - wordBytes / count)).toBeLessThan(
      bytes,
    );
    expect(density(rows(count, (index) => ({ field: field(index) })))).toBeGreaterThanOrEqual(bytes);
  });

  test("nothing for keys and times that are fields", () => {
    const values = rows(count, (index) => ({ bridge: `b${index % 50}`, ts: 1_700_000_000_000 + index })) as {
      bridge: string;
      ts: number;
    }[];
    const batch = { values, times: values.map(({ ts }) => ts), keys: values.map(({ bridge }) => bridge) };

    expect(roundTrip(batch)).toStrictEqual(batch);
    expect(encoded(batch).byteLength).toBe(encoded(batchOf(values)).byteLength);
  });
});

describe("a batch comes back exactly", () => {
  test.each<[string, (index: number) => unknown]>([
    ["-0 among whole numbers", (index) => ({ a: index === 20 ? -0 : index })],
    ["-0 among numbers that are far apart", (index) => ({ a: index === 20 ? -0 : index * 2 ** 33 })],
    ["NaN and infinities", (index) => ({ a: [Number.NaN, Number.POSITIVE_INFINITY, index][index % 3] })],
    ["numbers at the ends of their forms", (index) => ({ a: [127, -128][index % 2], b: [32_767, -32_768][index % 2] })],
    ["numbers at the end of 32 bits", (index) => ({ a: [2 ** 31 - 1, -(2 ** 31)][index % 2], b: 2 ** 31 + index })],
    ["numbers too far apart for 32 bits", (index) => ({ a: index % 2 === 0 ? 2 ** 40 : 2 ** 40 + 2 ** 32 })],
    ["numbers beyond the exact ones", (index) => ({ a: 2 ** 53 + 2 * index, b: -(2 ** 60) * index })],
    ["a number that is undefined once", (index) => ({ a: index === 30 ? undefined : index })],
    ["a field that is missing once", (index) => (index === 30 ? { a: index } : { a: index, b: undefined })],
    ["a field more at the end", (index) => (index === 199 ? { a: 1, b: 2 } : { a: 1 })],
    ["the same keys in another order", (index) => (index % 2 === 0 ? { a: 1, b: index } : { b: index, a: 1 })],
    ["many shapes", (index) => ({ [`key${index % 40}`]: index })],
    ["objects without keys", () => ({})],
    ["keys that are no names", (index) => ({ "a b": index, 'q"u`ote': 1, "\u2028": index, "\ud800": 2, 7: index })],
    ["keys that are names of methods", (index) => ({ constructor: index, toString: 1, hasOwnProperty: index })],
    [
      "more keys than are compared one by one",
      (index) => Object.fromEntries(rows(12, (key) => [`k${key as number}`, index]) as [string, number][]),
    ],
    [
      "more keys than a shape has",
      (index) => Object.fromEntries(rows(80, (key) => [`k${key as number}`, index]) as [string, number][]),
    ],
    ["objects in objects in objects", (index) => ({ a: { b: { c: { d: { e: { f: { g: index } } } } } } })],
    ["objects of a shape within the same shape", (index) => ({ value: index, next: { value: -index, next: null } })],
    ["text, all of it different", (index) => ({ id: `${index}-${"long ".repeat(index % 30)}` })],
    ["halves of surrogate pairs", (index) => ({ a: `x\ud83d${index % 3}`, b: `${index}\udc00` })],
    ["bytes and typed arrays", (index) => ({ a: new Uint8Array([index]), b: new Float64Array([index, -0]) })],
    [
      "values that are no objects, of many kinds",
      (index) => [1, "a", null, undefined, true, 2n, [1], new Date(5)][index % 8],
    ],
    ["dates that are none, and others", (index) => ({ at: new Date(index % 5 === 0 ? Number.NaN : -index) })],
  ])("with %s", (_, row) => {
    const values = rows(200, row);
    const copy = roundTrip(batchOf(values)).values;

    expect(copy).toStrictEqual(values);
    expect(copy.map(keysWithin)).toEqual(values.map(keysWithin));
  });

  test("whatever is in it", () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const copy = roundTrip(batch);
        const isSame =
          isDeepStrictEqual(copy, batch) &&
          isDeepStrictEqual(copy.values.map(keysWithin), batch.values.map(keysWithin));
        if (!isSame) expect(copy).toStrictEqual(batch);
        expect(isSame).toBe(true);
      }),
      { numRuns: Number(process.env.MILLRACE_RUNS ?? 150) },
    );
  });

  test("when the objects share nothing with those of before, or with each other", () => {
    const shared = { tags: ["a"] };
    const { values } = roundTrip(batchOf(rows(40, () => ({ shared }))));

    const [first, second] = values as { shared: { tags: string[] } }[];
    expect(first?.shared.tags).not.toBe(second?.shared.tags);
  });
});

test("rows of one shape come back in whatever forms their columns have, also in very many", () => {
  const forms = [
    (index: number) => index % 2,
    (index: number) => index * 1_000,
    (index: number) => index * 100_000_000,
    (index: number) => index / 7,
    (index: number) => 2 ** 40 + index,
  ];
  for (let turn = 0; turn < 125; turn += 1) {
    const [a, b, c] = [turn % 5, Math.floor(turn / 5) % 5, Math.floor(turn / 25)].map((place) => forms[place]);
    const values = rows(20, (index) => ({ a: a?.(index), b: b?.(index), c: c?.(index), many: "forms" }));

    expect(decodeBatch(encoded(batchOf(values))).values).toStrictEqual(values);
  }
});

test("a value that cannot be carried is refused by its path, also where its shape is known", () => {
  const good = rows(100, (index) => ({ user: { name: "a", age: index } }));
  roundTrip(batchOf(good));

  const bad = good.map((row, index) => (index === 70 ? { user: { name: () => 1, age: 3 } } : row));

  expect(() => encoded(batchOf(bad))).toThrow(expect.objectContaining({ code: "ERR_RT_NOT_PLAIN_DATA" }));
  expect(() => encoded(batchOf(bad))).toThrow("values[70].user.name: function");
  expect(roundTrip(batchOf(good)).values).toStrictEqual(good);
});

test.each([
  ["an instance of a class", new (class Money {})(), "values[40]: an instance of class Money"],
  ["an own key __proto__", JSON.parse('{"__proto__":{"a":1}}'), 'values[40]: an own key "__proto__"'],
  [
    "an own key __proto__ that looks like none",
    Object.defineProperty({}, "__proto__", { value: Object.prototype, enumerable: true }),
    'values[40]: an own key "__proto__"',
  ],
  ["an own key __keys__", { __keys__: 1 }, 'values[40]: an own key "__keys__"'],
])("%s is refused among others", (_, value, message) => {
  const values = rows(80, (index) => (index === 40 ? value : { a: index }));

  expect(() => roundTrip(batchOf(values))).toThrow(message as string);
});

test("objects that all have an own key __proto__, which looks like none, are refused", () => {
  const disguised = () =>
    Object.defineProperty({}, "__proto__", { value: Object.prototype, enumerable: true, configurable: true });

  expect(() => roundTrip(batchOf(rows(20, disguised)))).toThrow('values[0]: an own key "__proto__"');
});

test("a frame beyond the limit is refused at the sender", () => {
  const values = rows(40, () => new Uint8Array(2 ** 21));

  expect(() => roundTrip(batchOf(values))).toThrow(expect.objectContaining({ code: "ERR_RT_FRAME_TOO_LARGE" }));
});

test("an event whose getter encodes another batch is carried as it was read", () => {
  const inner = batchOf(rows(20, (index) => ({ inner: index })));
  const values = rows(20, (index) => ({
    get outer() {
      encoded(inner);
      return index;
    },
  }));

  expect(roundTrip(batchOf(values)).values).toEqual(rows(20, (index) => ({ outer: index })));
});

describe("damaged bytes", () => {
  const batch: Columns = {
    values: rows(150, (index) => ({
      vehicle: ["car", "bus", null][index % 3],
      weight: index * 1_000,
      at: new Date(1_700_000_000_000 + index),
      user: { name: `n${index}`, score: index % 2 === 0 ? index / 3 : "none" },
      tags: ["a", index],
    })),
    times: rows(150, (index) => 1_700_000_000_000 + (index as number) * 7) as number[],
    keys: rows(150, (index) => `k${(index as number) % 9}`) as string[],
  };
  const whole = () => {
    roundTrip(batch);
    return encoded(batch);
  };
  const corrupt = expect.objectContaining({ code: "ERR_RT_FRAME_CORRUPT" });

  test("are refused when they are cut short, wherever it is, or when something follows", () => {
    const bytes = whole();

    for (let length = 0; length < bytes.byteLength; length += 1) {
      expect(() => decodeBatch(bytes.subarray(0, length))).toThrow(corrupt);
    }
    expect(() => decodeBatch(Uint8Array.from([...bytes, 0]))).toThrow(corrupt);
  });

  test("are refused, or read as as many events as there were", () => {
    const bytes = whole();
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (place, bits) => {
        const damaged = Uint8Array.from(bytes);
        damaged[place] = (damaged[place] as number) ^ bits;
        const outcome = outcomeOf(() => decodeBatch(damaged));
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "ERR_RT_FRAME_CORRUPT" });
        else {
          expect(outcome.values).toHaveLength(150);
          expect(outcome.times ?? outcome.values).toHaveLength(150);
          expect(outcome.keys ?? outcome.values).toHaveLength(150);
        }
      }),
      { numRuns: Number(process.env.MILLRACE_RUNS ?? 1_000) },
    );
  });

  test.each([
    ["numbers", rows(20, (index) => index)],
    ["words", rows(20, (index) => `word ${index % 3}`)],
  ])("that tell of one event fewer than they have are refused: %s", (_, values) => {
    const bytes = encoded(batchOf(values));
    new DataView(bytes.buffer).setUint32(4, 19);

    expect(() => decodeBatch(bytes)).toThrow(corrupt);
  });

  test("that mean a word which there is not are refused", () => {
    const bytes = encoded(batchOf(rows(20, (index) => `word ${index % 3}`)));
    // The last word, in front of the two parts that are not there.
    bytes[bytes.byteLength - 3] = 3;

    expect(() => decodeBatch(bytes)).toThrow(corrupt);
  });

  test("that tell of more events than columns may have are refused before any is made", () => {
    const bytes = encoded(batchOf(rows(20, () => "same")));
    new DataView(bytes.buffer).setUint32(4, 0xffff_ffff);

    expect(() => decodeBatch(bytes)).toThrow(corrupt);
  });
});

function outcomeOf<T>(call: () => T): T | Error {
  try {
    return call();
  } catch (error) {
    return error as Error;
  }
}

/** The keys of an object and of those in it, in their order. */
function keysWithin(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return undefined;
  return Object.entries(value).map(([key, inner]) => [key, keysWithin(inner)]);
}

const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);
const anyKey = fc
  .oneof(fc.constantFrom("a", "b", "c", "at"), anyText)
  .filter((key) => !["__proto__", "__keys__"].includes(key));
const oddValues: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, undefined, -0, 0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 60, "", "\ud800", true),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.double(),
  fc.maxSafeInteger(),
  anyText,
  fc.date({ noInvalidDate: false }),
  fc.array(fc.double(), { maxLength: 3 }),
  fc.array(fc.tuple(anyText, fc.integer()), { maxLength: 3 }).map((entries) => new Map(entries)),
  fc.array(anyText, { maxLength: 3 }).map((entries) => new Set(entries)),
  fc.uint8Array({ maxLength: 5 }),
  fc.float64Array({ maxLength: 5 }),
  fc.bigInt64Array({ maxLength: 3 }),
  fc.dictionary(anyKey, fc.oneof(fc.integer(), anyText), { maxKeys: 3, noNullPrototype: true }),
);
/** What the values of one field are drawn from. */
const fieldValues: fc.Arbitrary<fc.Arbitrary<unknown>> = fc.oneof(
  { depthSize: "small" },
  fc.constantFrom<fc.Arbitrary<unknown>>(
    fc.integer({ min: -128, max: 127 }),
    fc.integer({ min: -40_000, max: 40_000 }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.boolean(),
    anyText,
    fc.date({ noInvalidDate: false }),
    oddValues,
    fc.constantFrom("car", "truck", "van", null, undefined),
    fc.integer({ min: 0, max: 100_000 }).map((offset) => 1_700_000_000_000 + offset),
    fc.constantFrom(1, 2, null),
  ),
  oddValues.map((value) => fc.constant(value)),
);
const anyShape: fc.Arbitrary<fc.Arbitrary<unknown>> = fc
  .uniqueArray(fc.tuple(anyKey, fieldValues, fc.option(fieldValues)), { selector: ([key]) => key, maxLength: 8 })
  .map((fields) => {
    const flat = Object.fromEntries(fields.map(([key, values]) => [key, values]));
    const nested = fields
      .filter(([, , inner]) => inner !== null)
      .map(([key, , inner]) => [key, inner as fc.Arbitrary<unknown>]);
    return fc
      .tuple(
        fc.record(flat, { noNullPrototype: true }),
        fc.record(Object.fromEntries(nested), { noNullPrototype: true }),
      )
      .map(([outer, inner]) => (nested.length > 2 ? { ...outer, inner } : outer));
  });
const anyBatch: fc.Arbitrary<Columns> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: anyShape }, { weight: 1, arbitrary: fieldValues }), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom(1, 15, 16, 17, 60, 130, 200),
    fc.boolean(),
    fc.constantFrom<fc.Arbitrary<string | number | bigint | boolean> | undefined>(
      undefined,
      fc.integer(),
      anyText,
      fc.boolean(),
      fc.oneof(fc.integer(), anyText, fc.bigInt()),
    ),
    fc.boolean(),
  )
  .chain(([kinds, count, isTimed, key, isOdd]) => {
    const value = isOdd
      ? fc.oneof({ weight: 60, arbitrary: fc.oneof(...kinds) }, { weight: 1, arbitrary: oddValues })
      : (kinds[0] as fc.Arbitrary<unknown>);
    const listOf = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: count, maxLength: count });
    return fc.record(
      {
        values: listOf(value),
        times: isTimed ? listOf(fc.oneof(fc.integer(), fc.double({ noNaN: true }))) : fc.constant(undefined),
        keys: key === undefined ? fc.constant(undefined) : listOf(key),
      },
      { noNullPrototype: true },
    );
  });
