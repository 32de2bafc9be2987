import fc from "fast-check";
import { Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { decode, encode, encodeValues } from "./codec.ts";
import { PlainCursor } from "./plain-unpacker.ts";

const theirs = new Unpackr({ moreTypes: true, useRecords: true });

/** The values as one array, each a message of its own before; those of `plain` are written as they are. */
function joined(values: readonly unknown[], plain: (index: number) => boolean = () => false) {
  return encode(
    encodeValues(values.length, (pieces) => {
      for (const [index, value] of values.entries()) {
        if (plain(index)) pieces.any(value);
        else {
          // In the middle of others, as in a slab.
          const bytes = Buffer.from([0xd4, 0x72, ...ownBytes[index]!, 0xd4]);
          pieces.encoded(bytes, 2, bytes.length - 1);
        }
      }
    }),
  );
}

let ownBytes: readonly Uint8Array[] = [];

function joinedOf(values: readonly unknown[], plain?: (index: number) => boolean) {
  ownBytes = values.map((value) => encode(value));
  return joined(values, plain);
}

describe("values that were messages of their own", () => {
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    [
      "numbers, texts and nothing",
      [1, -0, 0.5, 300, 70_000, -70_000, "a", "ä".repeat(200), undefined, null, true, false],
    ],
    ["records of one shape", [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ["records of shapes in turns", [{ a: 1 }, { b: 2 }, { a: 3 }, { b: 4 }, { a: 5 }, { b: 6 }, { a: 7 }, { b: 8 }]],
    ["records in records", [{ a: { b: 1 } }, { a: { b: 2 } }, { a: { c: 3 } }, { a: { b: 4 } }]],
    [
      "records in lists, maps and sets",
      [[{ a: 1 }, { b: 2 }], [{ b: 1 }], new Map([[{ a: 1 }, { b: 1 }]]), new Set([{ a: 2 }])],
    ],
    [
      "more shapes than there are numbers",
      [Array.from({ length: 70 }, (_, index) => ({ [`k${index}`]: index })), { k0: 1 }, { k64: 2 }],
    ],
    [
      "what is no plain form",
      [
        { a: /x/ },
        { a: 12n },
        { a: 2n ** 70n },
        { a: new Date(5) },
        { a: new Date(-5) },
        { a: Object.create(null, { b: { value: { a: 1 }, enumerable: true } }) },
        { a: 6 },
      ],
    ],
    [
      "long keys, and many",
      [
        { ["k".repeat(40)]: 1 },
        { ["k".repeat(40)]: 2 },
        Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index])),
        { a: 1 },
      ],
    ],
    ["bytes that look like a shape", [{ a: new Uint8Array([0xd4, 0x72, 0x40, 0x91]) }, { a: 1 }, "r@", 7.5e-200]],
    [
      "long ones",
      [
        new Array(20).fill({ a: 1 }),
        new Map(Array.from({ length: 20 }, (_, index) => [index, { a: 1 }])),
        "x".repeat(70_000),
        new Uint8Array(70_000),
        new Uint8Array(300),
      ],
    ],
  ];

  test.each(cases)("%s come back", (_, values) => {
    expect(decode(joinedOf(values))).toStrictEqual(values);
    expect(decode(joinedOf(values, (index) => index % 3 === 1))).toStrictEqual(values);
  });

  test("any, between values that are written as they are: read by its own reader, by msgpackr, and piece by piece", () => {
    const name = fc.constantFrom("a", "b", "c", "long".repeat(12));
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.double(),
        fc.integer(),
        fc.constantFrom(null, undefined, true, 12n),
      ),
      tree: fc.oneof({ maxDepth: 4 }, tie("leaf"), fc.array(tie("tree")), tie("object"), tie("bare")),
      object: fc.dictionary(name, tie("tree"), { noNullPrototype: true }),
      bare: fc
        .dictionary(name, tie("leaf"), { noNullPrototype: true })
        .map((object) => new Map(Object.entries(object))),
    }));
    fc.assert(
      fc.property(fc.array(tree), fc.integer({ min: 1, max: 5 }), (values, nth) => {
        const bytes = joinedOf(values, (index) => index % nth === 1);
        const expected = decode(encode(values));
        expect(decode(bytes)).toStrictEqual(expected);
        expect(theirs.unpack(bytes)).toStrictEqual(expected);
        if (values.some((value) => typeof value === "bigint") || JSON.stringify(values, bigAsText).includes("12n"))
          return;
        const cursor = new PlainCursor(bytes);
        const count = cursor.enterArray();
        expect(Array.from({ length: count }, () => cursor.read())).toStrictEqual(expected);
      }),
    );
  });

  test("take as many bytes as if they had been written together", () => {
    const values = Array.from({ length: 100 }, (_, index) => ({ name: "x", at: { x: index, list: [{ z: index }] } }));

    expect(joinedOf(values)).toEqual(encode(values));
  });
});

function bigAsText(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return "12n";
  return value instanceof Map ? [...value] : value;
}

test("characters are a text as any other, but for those that are too many or not all ASCII", () => {
  const texts = ["", "a", "b".repeat(31), "c".repeat(32), "d".repeat(63), "e".repeat(64), "ä"];
  const taken: boolean[] = [];
  const bytes = encode(
    encodeValues(texts.length, (pieces) => {
      for (const text of texts) {
        const latin = Buffer.from(`-${text}-`, "latin1");
        taken.push(pieces.ascii(latin, 1, latin.length - 1));
        if (taken.at(-1) === false) pieces.any(text);
      }
    }),
  );

  expect(taken).toEqual([true, true, true, true, true, false, false]);
  expect(bytes).toEqual(encode(texts));
});
