import fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { RemoteError } from "../errors/wire-error.ts";
import { decode, encode } from "./codec.ts";

const roundTrip = (value: unknown) => decode(encode(value));
const there = (value: unknown) => encode(value, "params");

class Money {
  readonly cents = 5;
}
class Timestamp extends Date {}
class Bag extends Set {}
class Row extends Array {}
class Bytes extends Uint8Array {}

describe("what comes back equals what went in", () => {
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["an integer beyond 32 bits", 2 ** 32 + 1],
    ["the largest safe integer", Number.MAX_SAFE_INTEGER],
    ["the smallest safe integer", Number.MIN_SAFE_INTEGER],
    ["a bigint of 64 bits", 2n ** 63n],
    ["a bigint beyond 64 bits", -(2n ** 200n) + 7n],
    ["a bigint beyond 64 Ki bits", 2n ** 70_000n + 1n],
    ["-0, on its own and inside of others", [-0, { zero: -0 }, new Map([[1, -0]])]],
    ["halves of surrogate pairs", ["a\ud800b", "\udc00", { "\ud83d": new Set([`${"long ".repeat(20)}\ud800`]) }]],
    [
      "dates of many years",
      [0, 999, 1, 1_700_000_000_123, 2 ** 32 * 1_000 - 1, 2 ** 32 * 1_000].map((time) => new Date(time)),
    ],
    ["a date before 1970", new Date(-1)],
    ["the last date", new Date(8.64e15)],
    ["an invalid date", new Date(Number.NaN)],
    [
      "a map with object keys",
      new Map<unknown, unknown>([
        [{ a: 1 }, [1]],
        [undefined, undefined],
        ["__proto__", 2],
      ]),
    ],
    ["a set", new Set([1, "a", { b: new Set([2]) }])],
    ["a regular expression", /a+/giu],
    ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
    ["a DataView", new DataView(new Uint8Array([1, 2, 3]).buffer)],
    [
      "typed arrays",
      [new Uint8Array([1]), new Float64Array([1.5]), new BigInt64Array([5n]), new Uint8ClampedArray([300])],
    ],
    ["a part of a typed array", new Uint16Array([1, 2, 3, 4]).subarray(1, 3)],
    ["a Buffer", { bytes: Buffer.from("abc") }],
    ["nested and mixed arrays", [[[]], [1, [undefined, null, "a", [{ b: [] }]]]]],
    ["a long array", Array.from({ length: 100_000 }, (_, index) => index)],
    ["a long string", "straße 🚲 ".repeat(50_000)],
    [
      "rows of changing shape",
      Array.from({ length: 500 }, (_, index) => ({ [`key${index % 130}`]: index, tail: [index] })),
    ],
    ["an empty object", {}],
    ["keys that read like numbers", { 2: "a", 1: "b", c: 3 }],
    ["keys that are names of methods", { constructor: 1, hasOwnProperty: 2, toString: 3, toJSON: 4, length: 5 }],
    [
      "an object of 70,000 keys",
      Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`k${index}`, index])),
    ],
  ])("%s", (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  test("an object without prototype, with any key", () => {
    const bare = Object.create(null, {
      a: { value: 1, enumerable: true },
      ["__proto__"]: { value: { polluted: true }, enumerable: true },
    });

    const copy = roundTrip(bare) as object;

    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(Object.entries(copy)).toEqual([
      ["a", 1],
      ["__proto__", { polluted: true }],
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("any plain data, also when many values follow each other", () => {
    const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("a\ud800", "\udc00 b"));
    const key = text.filter((name) => name !== "__proto__" && name !== "__keys__");
    const leaf = fc.oneof(
      text,
      fc.double(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }),
      fc.boolean(),
      fc.constantFrom(null, undefined),
      fc.date({ noInvalidDate: false }),
      fc.uint8Array(),
      fc.float64Array({ noNaN: true }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, leaf, tie("list"), tie("object"), tie("map"), tie("set")),
      list: fc.array(tie("tree")),
      object: fc.dictionary(key, tie("tree"), { noNullPrototype: true }),
      map: fc.array(fc.tuple(tie("tree"), tie("tree"))).map((entries) => new Map(entries)),
      set: fc.array(tie("tree")).map((entries) => new Set(entries)),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(roundTrip(value)).toStrictEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  test("an Error arrives as a RemoteError", () => {
    const error = Object.assign(new TypeError("bad", { cause: new Error("why") }), { code: "E_BAD" });

    const { failure } = roundTrip({ failure: error }) as { failure: RemoteError };

    expect(failure).toBeInstanceOf(RemoteError);
    expect(failure).toMatchObject({ name: "TypeError", code: "E_BAD", stack: error.stack });
    expect((failure.cause as RemoteError).message).toBe("why");
  });
});

test("what msgpack has no form for changes as documented: holes, and -0 and lone surrogates of an object without prototype", () => {
  const bare = (value: unknown) => Object.assign(Object.create(null), { value });

  // biome-ignore lint/suspicious/noSparseArray: the hole is the subject
  expect(roundTrip([1, , 3])).toStrictEqual([1, undefined, 3]);
  expect(roundTrip(bare(-0))).toEqual(bare(0));
  expect((roundTrip(bare("a\ud800b")) as { value: string }).value).toMatch(/^a�+b$/);
});

test("each encoding is in a buffer of its own", () => {
  const first = encode({ a: 1 });
  const second = encode({ a: 2 });

  expect(first.buffer.byteLength).toBe(first.byteLength);
  expect(first.buffer).not.toBe(second.buffer);
  expect([decode(first), decode(second)]).toEqual([{ a: 1 }, { a: 2 }]);
});

describe("what cannot be carried is refused by its path", () => {
  const cycle: { list: unknown[] } = { list: [] };
  cycle.list.push({ back: cycle });
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];

  const throwing = {
    get: () => {
      throw new Error("no");
    },
    enumerable: true,
  };

  test.each<[unknown, string]>([
    [() => 1, "params: function (anonymous)"],
    [{ user: { onClick: function onClick() {} } }, "params.user.onClick: function onClick"],
    [[1, { "a b": Symbol("s") }], 'params[1]["a b"]: Symbol(s)'],
    [{ price: new Money() }, "params.price: an instance of class Money"],
    [[new Timestamp(0)], "params[0]: an instance of class Timestamp"],
    [[new Bag()], "params[0]: an instance of class Bag"],
    [[new Row()], "params[0]: an instance of class Row"],
    [[new Bytes(2)], "params[0]: an instance of class Bytes"],
    [{ when: Promise.resolve() }, "params.when: an instance of class Promise"],
    [{ cache: new WeakMap() }, "params.cache: an instance of class WeakMap"],
    [{ memory: new SharedArrayBuffer(1) }, "params.memory: an instance of class SharedArrayBuffer"],
    [{ count: Object(1) }, "params.count: an instance of class Number"],
    [new Map([["a", () => 1]]), 'params.get("a"): function'],
    [new Map([[() => 1, 1]]), "params.keys(): function"],
    [new Set([Symbol("s")]), "params.values(): Symbol(s)"],
    [Object.create({ inherited: 1 }), "params: an instance of class Object"],
    [cycle, "params.list[0].back: a reference back to what contains it"],
    [deep, "params[0][0]"],
    [JSON.parse('{"a":{"__proto__":{"polluted":true}}}'), 'params.a: an own key "__proto__"'],
    [{ a: { __keys__: 1 } }, 'params.a: an own key "__keys__"'],
    [Object.assign(Object.create(null), { a: [() => 1] }), "params.a[0]: function"],
    [Object.defineProperty({}, "a", throwing), "params: an object that throws"],
  ])("%#", (value, message) => {
    expect(() => there(value)).toThrow(expect.objectContaining({ code: "ERR_RT_NOT_PLAIN_DATA" }));
    expect(() => there(value)).toThrow(message);
  });

  test("and leaves the encoder as it was", () => {
    expect(() => there([{ a: 1 }, { __keys__: 1 }, { b: cycle }])).toThrow();
    expect(() => there(cycle)).toThrow();

    expect(roundTrip([{}, { a: 1 }, { a: 2 }])).toEqual([{}, { a: 1 }, { a: 2 }]);
  });
});

test("others who use msgpackr in this process are not affected", () => {
  const theirs = new Packr({ moreTypes: true });

  const copy = theirs.unpack(theirs.pack({ price: new Money(), bytes: Buffer.from("a"), error: new TypeError("bad") }));

  expect(copy.price).toEqual({ cents: 5 });
  expect(copy.error).toBeInstanceOf(TypeError);
});

test("damaged bytes are refused, never decoded into something else without an end", () => {
  const whole = encode({ rows: [{ a: 1 }, { a: 2 }], text: "abcdef" });

  for (let length = 0; length < whole.byteLength; length += 1) {
    expect(() => decode(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: "ERR_RT_FRAME_CORRUPT" }));
  }
});

test("a frame beyond the limit is refused at the sender", () => {
  const large = new Uint8Array(64 * 1024 * 1024);

  expect(() => encode(large)).toThrow(expect.objectContaining({ code: "ERR_RT_FRAME_TOO_LARGE" }));
});
