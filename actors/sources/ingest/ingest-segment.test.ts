import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "../../../runtime/index.ts";
import {
  eventsOf,
  type IngestRecord,
  readSegmentHeader,
  recordBytes,
  scanSegment,
  segmentHeader,
} from "./ingest-segment.ts";

/** A segment that begins at event 5, with records of so many events. */
function segment(counts: readonly number[]) {
  const records: Buffer[] = [];
  let first = 5;
  for (const count of counts) {
    const values = Array.from({ length: count }, (_, at) => `event ${first + at}`);
    records.push(recordBytes({ first, count, payload: encode([values, undefined]) }));
    first += count;
  }
  return { bytes: Buffer.concat([segmentHeader({ log: "id", first: 5 }), ...records]), end: first, records };
}

const eventsIn = (bytes: Buffer) => scanSegment(bytes, 5).records.flatMap((record) => eventsOf(record).values);
const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });

describe("a segment", () => {
  test("holds what was written, under its header", () => {
    const { bytes, end } = segment([2, 1, 3]);

    expect(readSegmentHeader(bytes)).toEqual({ log: "id", first: 5 });
    expect(scanSegment(bytes, 5)).toMatchObject({ end, bytes: bytes.length, rest: "none" });
    expect(eventsIn(bytes)).toEqual(Array.from({ length: 6 }, (_, at) => `event ${5 + at}`));
  });

  test("cut off anywhere holds the records before the cut, and the rest is torn", () => {
    fc.assert(
      fc.property(counts, fc.nat(), (sizes, cut) => {
        const { bytes } = segment(sizes);
        const at = 64 + (cut % (bytes.length - 64));
        const { end, rest, bytes: whole } = scanSegment(bytes.subarray(0, at), 5);
        expect(rest).toBe(whole === at ? "none" : "torn");
        expect(eventsIn(bytes).slice(0, end - 5)).toEqual(eventsIn(bytes.subarray(0, at)));
      }),
    );
  });

  test("with a byte changed is damaged when a record follows, and never holds another value", () => {
    fc.assert(
      fc.property(counts, fc.nat(), fc.integer({ min: 1, max: 255 }), (sizes, place, mask) => {
        const { bytes, records } = segment(sizes);
        const at = 64 + (place % (bytes.length - 64));
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] as number) ^ mask;

        const lastAt = bytes.length - (records.at(-1) as Buffer).length;
        expect(scanSegment(damaged, 5).rest).toBe(at < lastAt ? "damaged" : "torn");
        expect(eventsIn(bytes).slice(0, eventsIn(damaged).length)).toEqual(eventsIn(damaged));
      }),
    );
  });

  test("with any part of its last append missing is torn there, whatever of that is whole behind it", () => {
    const before = segment([2]);
    const [first, second, third] = [7, 8, 9].map((number) => ({
      ...{ first: number, count: 1, payload: encode([[`event ${number}`.repeat(40)], undefined]) },
    })) as [IngestRecord, IngestRecord, IngestRecord];
    const firstBytes = recordBytes(first, 0);
    const secondBytes = recordBytes(second, firstBytes.length);
    const thirdBytes = recordBytes(third, firstBytes.length + secondBytes.length);
    const append = Buffer.concat([firstBytes, secondBytes, thirdBytes]);
    const later = recordBytes({ first: 10, count: 1, payload: encode([["later"], undefined]) }, 0);

    fc.assert(
      fc.property(fc.nat(append.length - 1), fc.integer({ min: 1, max: 300 }), (at, length) => {
        const torn = Buffer.from(append).fill(0, at, Math.min(append.length, at + length));
        // Some of its bytes are 0 anyway.
        const changedAt = torn.findIndex((byte, index) => byte !== append[index]);
        const isChanged = changedAt >= 0;
        const scanned = scanSegment(Buffer.concat([before.bytes, torn]), 5);
        expect(scanned.rest).toBe(isChanged ? "torn" : "none");
        expect(scanned.end).toBeGreaterThanOrEqual(before.end);
        expect(scanned.bytes).toBeLessThanOrEqual(before.bytes.length + (isChanged ? changedAt : append.length));
        const followed = scanSegment(Buffer.concat([before.bytes, torn, later]), 5);
        expect(followed.rest).toBe(isChanged ? "damaged" : "none");
      }),
    );
  });

  test("with a record left out, or put in twice, is damaged", () => {
    const { bytes, records } = segment([2, 1, 3]);
    const header = bytes.subarray(0, 64);
    const [a, b, c] = records as [Buffer, Buffer, Buffer];

    for (const order of [
      [a, c],
      [b, c],
      [a, a, b],
    ]) {
      expect(scanSegment(Buffer.concat([header, ...order]), 5).rest).toBe("damaged");
    }
  });

  test("without a whole header is none", () => {
    const { bytes } = segment([1]);
    const damaged = Buffer.from(bytes);
    damaged[20] = 1;

    expect([readSegmentHeader(bytes.subarray(0, 63)), readSegmentHeader(damaged)]).toEqual([undefined, undefined]);
  });
});
