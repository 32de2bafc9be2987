import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBatch, encodeBatch } from "./batch-codec.ts";
import { encode } from "./codec.ts";

describe("a batch", () => {
  test("comes back with its values, times and keys", () => {
    const batch = {
      values: [{ vehicle: "car", weight: 1.5 }, { vehicle: "bus", weight: 9 }, "text"],
      times: [1_700_000_000_000, -0.5, 3],
      keys: ["car", 2n ** 70n, true],
    };

    expect(decodeBatch(encodeBatch(batch))).toStrictEqual(batch);
  });

  test.each([2, 300])("of %i comes back with the numbers of events that its values stand for", (length) => {
    const counts = Array.from({ length }, (_, index) => (index % 2) * 2 ** 40);
    const keys = counts.map((_, index) => `key ${index}`);
    const batch = { values: counts.map((_, index) => index / 2), times: undefined, keys, counts };

    expect(decodeBatch(encodeBatch(batch))).toStrictEqual(batch);
  });

  test("comes back without times and keys when it has none", () => {
    const batch = { values: [{ a: 1 }], times: undefined, keys: undefined };

    expect(decodeBatch(encodeBatch(batch))).toStrictEqual(batch);
  });

  test("of numbers comes back exactly, -0 included", () => {
    const batch = { values: [-0, 0, Number.NaN, 2 ** 53 - 1, 1e-300], times: undefined, keys: undefined };

    expect(decodeBatch(encodeBatch(batch))).toStrictEqual(batch);
  });

  test("of any values comes back, and does not depend on an earlier one", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.constant(undefined),
      fc.dictionary(fc.constantFrom("a", "b"), fc.integer()),
    );
    const event = fc.tuple(value, fc.integer(), fc.oneof(fc.integer(), fc.string({ unit: "grapheme" }), fc.boolean()));
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const batch = {
          values: events.map(([value]) => value),
          times: events.map(([, time]) => time),
          keys: events.map(([, , key]) => key),
        };

        expect(decodeBatch(encodeBatch(batch))).toStrictEqual(batch);
      }),
    );
  });

  test("with a value that cannot be carried is refused by the path to it", () => {
    const values = [1, 2, 3, { user: { onClick: function onClick() {} } }];

    const encoding = () => encodeBatch({ values, times: undefined, keys: undefined });

    expect(encoding).toThrow(expect.objectContaining({ code: "ERR_RT_NOT_PLAIN_DATA" }));
    expect(encoding).toThrow("values[3].user.onClick: function onClick");
  });

  test.each([
    ["something else", { a: 1 }],
    ["too few parts", [[1]]],
    ["fewer keys than values", [[1, 2], undefined, [1]]],
    ["fewer times than values", [[1, 2], new Float64Array(1), undefined]],
    ["times of another kind", [[1], ["noon"], undefined]],
    ["something behind it", [[1], undefined, undefined, [1], 4]],
    ["fewer counts than values", [[1, 2], undefined, undefined, [1]]],
    ["counts that are none", [[1], undefined, undefined, ["1"]]],
  ])("is not made of %s", (_, message) => {
    expect(() => decodeBatch(encode(message))).toThrow(expect.objectContaining({ code: "ERR_RT_FRAME_CORRUPT" }));
  });
});
