import fc from "fast-check";
import { Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { packPlain } from "./plain-packer.ts";
import { unpackPlain } from "./plain-unpacker.ts";

const refused = () => {
  throw new Error("not plain");
};
const packed = (value: unknown) => Uint8Array.from(packPlain(value, refused));
const theirs = new Unpackr({ moreTypes: true, useRecords: true });

describe("plain data", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    [
      "numbers of every width",
      [0, 63, 64, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -1, -32, -33, -(2 ** 31), 0.5],
    ],
    ["no numbers, and no values", [Number.NaN, Number.POSITIVE_INFINITY, undefined, null, true, false]],
    [
      "texts of every length",
      [0, 1, 31, 32, 47, 49, 63, 64, 85, 86, 300, 21_845, 70_000].flatMap((length) =>
        ["a", "ä", "€"].map((char) => char.repeat(length)),
      ),
    ],
    ["a text that begins with a byte order mark", ["\ufeffa", `\ufeff${"long ".repeat(20)}`]],
    ["texts that share a place among the known ones", Array.from({ length: 5_000 }, (_, index) => `actor-${index}`)],
    ["arrays of every length", [0, 15, 16, 70_000].map((length) => new Array(length).fill(1))],
    [
      "maps of every size",
      [0, 15, 16, 70_000].map((size) => new Map(Array.from({ length: size }, (_, index) => [index, {}]))),
    ],
    [
      "bytes of every length",
      [0, 1, 253, 254, 255, 65_533, 65_535, 70_000].map((length) => new Uint8Array(length).fill(7)),
    ],
    [
      "more shapes than there are numbers, that come again",
      Array.from({ length: 300 }, (_, index) => ({ [`key${index % 100}`]: { [`inner${index % 30}`]: index } })),
    ],
    ["the same keys in another order", [{ a: 1, b: 2 }, { b: 1, a: 2 }, { a: 3, b: 4 }, {}, { a: 5 }]],
  ];

  test.each(cases)("%s: read by its own reader", (_, value) => {
    expect(unpackPlain(packed(value))).toStrictEqual([value]);
  });

  test.each(cases)("%s: read by msgpackr", (_, value) => {
    expect(theirs.unpack(packed(value))).toStrictEqual(value);
  });

  test("any number of values behind each other", () => {
    const key = fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__" && name !== "__keys__");
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.double(),
        fc.integer(),
        fc.constantFrom(null, undefined, true),
      ),
      tree: fc.oneof({ maxDepth: 4 }, tie("leaf"), fc.array(tie("tree")), tie("object")),
      object: fc.dictionary(key, tie("tree"), { noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(fc.array(tree), (values) => {
        const bytes = values.flatMap((value) => [...packed(value)]);
        const own = unpackPlain(Uint8Array.from(bytes));
        expect(own).toEqual(values.length === 0 ? [] : theirs.unpackMultiple(Uint8Array.from(bytes)));
      }),
    );
  });
});

test("what is not plain is asked for, and shapes are told again behind it", () => {
  const inner = packed([{ other: 1 }, { shape: 2 }]);

  const bytes = packPlain([{ a: 1 }, { b: 1 }, /other/, { a: 2 }, { b: 2 }], () => inner);

  expect(theirs.unpack(bytes)).toEqual([{ a: 1 }, { b: 1 }, [{ other: 1 }, { shape: 2 }], { a: 2 }, { b: 2 }]);
});

test("a refused message leaves nothing behind", () => {
  expect(() => packPlain([{ a: 1 }, /other/], refused)).toThrow("not plain");

  expect(theirs.unpack(packed({ a: 1 }))).toEqual({ a: 1 });
});

test("a packet that is cut short or has another kind of value is left to another reader", () => {
  const whole = packed({
    rows: [{ a: 1.5 }, { a: new Uint8Array(3) }],
    text: "abcdef".repeat(20),
    map: new Map([[1, 70_000]]),
  });

  for (let length = 1; length < whole.byteLength; length += 1) {
    expect(unpackPlain(whole.subarray(0, length))).toBeUndefined();
  }
  expect(unpackPlain(new Uint8Array([0xd4, 0x65, 0]))).toBeUndefined();
  expect(unpackPlain(new Uint8Array([0x41]))).toBeUndefined();
  expect(unpackPlain(whole)).toHaveLength(1);
});
