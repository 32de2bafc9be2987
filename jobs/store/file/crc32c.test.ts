import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

const bytes = (length: number, valueAt: (index: number) => number) =>
  Uint8Array.from({ length }, (_, at) => valueAt(at));

test.each([
  // RFC 3720, B.4
  ["32 zeros", bytes(32, () => 0), 0x8a9136aa],
  ["32 ones", bytes(32, () => 0xff), 0x62a8ab43],
  ["32 rising", bytes(32, (at) => at), 0x46dd794e],
  ["32 falling", bytes(32, (at) => 31 - at), 0x113fdb5c],
  ["the digits", Buffer.from("123456789"), 0xe3069283],
  ["nothing", new Uint8Array(), 0],
])("is the published one of %s", (_, input, expected) => {
  expect(crc32c(input)).toBe(expected);
});

test("is the same in one piece and in two", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), (input, cut) => {
      expect(crc32c(input.subarray(cut), crc32c(input.subarray(0, cut)))).toBe(crc32c(input));
    }),
  );
});
