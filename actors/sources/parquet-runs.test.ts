import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRuns } from "./parquet-runs.ts";

/** Encodes numbers as runs and groups, as `lengths` says: even ones are runs, odd ones groups of eight. */
function encode(numbers: readonly number[], bitWidth: number): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number) => {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  };
  for (let at = 0; at < numbers.length; ) {
    let run = 1;
    while (at + run < numbers.length && numbers[at + run] === numbers[at]) run += 1;
    if (run >= 3) {
      varint(run << 1);
      for (let index = 0; index < Math.ceil(bitWidth / 8); index += 1)
        bytes.push((numbers[at]! >>> (8 * index)) & 0xff);
      at += run;
      continue;
    }
    varint((1 << 1) | 1);
    let bits = 0n;
    for (let index = 0; index < 8; index += 1) bits |= BigInt(numbers[at + index] ?? 0) << BigInt(index * bitWidth);
    for (let index = 0; index < bitWidth; index += 1) bytes.push(Number((bits >> BigInt(8 * index)) & 0xffn));
    at += 8;
  }
  return Uint8Array.from(bytes);
}

describe("readRuns", () => {
  test("reads back what was encoded, for every width", () => {
    const input = fc.integer({ min: 1, max: 24 }).chain((bitWidth) =>
      fc.tuple(
        fc.constant(bitWidth),
        fc.array(fc.oneof(fc.constant(0), fc.constant(2 ** bitWidth - 1), fc.nat(2 ** bitWidth - 1)), {
          maxLength: 60,
        }),
      ),
    );
    fc.assert(
      fc.property(input, ([bitWidth, numbers]) => {
        expect([...readRuns(encode(numbers, bitWidth), bitWidth, numbers.length)]).toEqual(numbers);
      }),
    );
  });

  test("ends on any bytes: with the numbers asked for, or an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(255), fc.nat(1_000), (bytes, bitWidth, count) => {
        let numbers: Uint32Array | undefined;
        try {
          numbers = readRuns(bytes, bitWidth, count);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        if (numbers !== undefined) expect(numbers).toHaveLength(count);
      }),
    );
  });

  test.each([
    ["no bytes", [], "0 of 9 numbers"],
    ["a run of none", [0], "a run of no numbers"],
    ["a run without its number", [18], "cut off"],
    ["a group without its numbers", [3, 1], "cut off"],
    ["a length that never ends", [0x80, 0x80, 0x80, 0x80, 0x80, 1], "numbers are there"],
  ])("%s is an error", (_name, bytes, message) => {
    expect(() => readRuns(Uint8Array.from(bytes), 8, 9)).toThrow(message);
  });
});
