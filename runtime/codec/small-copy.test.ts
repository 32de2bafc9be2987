import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { smallTextCharactersMax, smallValuesMax } from "../limits.ts";
import { decode, encode } from "./codec.ts";
import { smallCopy } from "./small-copy.ts";

const carried = (frame: readonly unknown[]): unknown => structuredClone(smallCopy(frame));

class Point {
  readonly x = 1;
}

describe("a small copy", () => {
  test("is what the codec would carry, or there is none", () => {
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.double(),
        fc.integer(),
        fc.boolean(),
        fc.constantFrom(null, undefined, -0, "\ud800", "é", ""),
        fc.string({ unit: "binary", maxLength: 5 }),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.sparseArray(tie("value"), { maxLength: 3, maxNumElements: 2 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    let copiedCount = 0;

    fc.assert(
      fc.property(fc.array(plain.value, { maxLength: 6 }), (frame) => {
        const copy = carried(frame);
        if (copy === undefined) return;
        copiedCount += 1;
        expect(copy).toStrictEqual(decode(encode(frame)));
      }),
      { seed: 7, numRuns: 2_000 },
    );

    expect(copiedCount).toBeGreaterThan(1_000);
  });

  test("does not see what its sender does afterwards", () => {
    const message = { list: [1, { deep: 1 }] };

    const copy = smallCopy([0, message]);
    (message.list[1] as { deep: number }).deep = 2;
    message.list.push(3);

    expect(copy).toEqual([0, { list: [1, { deep: 1 }] }]);
  });

  test("has two of what is referenced twice", () => {
    const twice = { a: 1 };

    const [, first, second] = carried([0, twice, twice]) as unknown[];

    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });

  test.each<[string, unknown]>([
    ["an instance of a class", new Point()],
    ["an object without prototype", Object.create(null)],
    ["an own key __proto__", JSON.parse('{ "__proto__": 1 }')],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["bytes", new Uint8Array(1)],
    ["an error", new Error("no")],
    ["a bigint", 1n],
    ["a symbol", Symbol("no")],
    ["a function", () => undefined],
    ["a long text", "x".repeat(smallTextCharactersMax + 1)],
    ["more values than are small", new Array(smallValuesMax).fill(0)],
    ["more fields than are small", Object.fromEntries(new Array(smallValuesMax).fill(0).map((_, key) => [key, key]))],
  ])("is not made of %s, which the codec carries or refuses, wherever it is", (_, value) => {
    expect(smallCopy([0, value])).toBeUndefined();
    expect(smallCopy([0, { in: [value] }])).toBeUndefined();
  });

  test("is made of as many values as are small", () => {
    expect(smallCopy(new Array(smallValuesMax).fill("x".repeat(smallTextCharactersMax)))).toHaveLength(smallValuesMax);
    expect(smallCopy(new Array(smallValuesMax - 1).fill(0).concat([[0]]))).toBeUndefined();
  });

  test("is not made of what never ends", () => {
    const circle: unknown[] = [];
    circle.push(circle);

    expect(smallCopy(circle)).toBeUndefined();
  });
});
