/**
 * IngestSegment: the bytes of one file of an ingest log: a header, then records of a batch of events each, under increasing
 * numbers of events. Pure.
 *
 * A crash may take any part of what was appended last, and nothing else: without power, what is in the middle may be missing,
 * and what is behind it be there. So bytes that are no record are torn when nothing follows them but records of the same
 * append, and damage when a later one does.
 *
 * Invariants
 *  G1  the first event of a record is the one behind the last event of the record before.
 *  G2  a checksum is over everything that a record says, its number, length and append included.
 */

import { crc32 } from "node:zlib";
import { decode } from "../../../runtime/index.ts";

export interface SegmentHeader {
  /** Of the log that the segment is part of. */
  readonly log: string;
  /** The number of its first event. */
  readonly first: number;
}

/** Some events of a log, encoded. */
export interface IngestRecord {
  readonly first: number;
  readonly count: number;
  readonly payload: Uint8Array;
}

export interface ScannedSegment {
  readonly records: readonly IngestRecord[];
  /** The number behind the last event. */
  readonly end: number;
  /** Behind the last record. */
  readonly bytes: number;
  /** What is behind it, if it is not the end of the file. */
  readonly rest: "none" | "torn" | "damaged";
}

export interface IngestEvents {
  readonly values: readonly unknown[];
  readonly times: readonly (number | undefined)[] | undefined;
}

export const segmentHeaderBytes = 64;
const recordHeaderBytes = 28;
const segmentMagic = 0x6d72_696c;
const recordMagic = 0x6d72_6972;
const appendOffset = 20;
const logOffset = 16;
const logBytesMax = 40;

export function segmentHeader({ log, first }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  bytes.writeUInt32BE(segmentMagic, 0);
  bytes.writeUInt32BE(1, 4);
  bytes.writeBigUInt64BE(BigInt(first), 8);
  bytes.write(log.slice(0, logBytesMax), logOffset, "latin1");
  bytes.writeUInt32BE(crc32(bytes.subarray(0, segmentHeaderBytes - 4)), segmentHeaderBytes - 4);
  return bytes;
}

/** Undefined when the bytes do not begin with a header. */
export function readSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < segmentHeaderBytes || bytes.readUInt32BE(0) !== segmentMagic) return undefined;
  const checksum = crc32(bytes.subarray(0, segmentHeaderBytes - 4));
  if (checksum !== bytes.readUInt32BE(segmentHeaderBytes - 4)) return undefined;
  const log = bytes.toString("latin1", logOffset, logOffset + logBytesMax).replaceAll("\0", "");
  return { log, first: Number(bytes.readBigUInt64BE(8)) };
}

/** @param appendedBytes of the records before it in the same append */
export function recordBytes({ first, count, payload }: IngestRecord, appendedBytes = 0): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + payload.length);
  bytes.writeUInt32BE(recordMagic, 0);
  bytes.writeUInt32BE(payload.length, 4);
  bytes.writeBigUInt64BE(BigInt(first), 8);
  bytes.writeUInt32BE(count, 16);
  bytes.writeUInt32BE(appendedBytes, appendOffset);
  bytes.set(payload, recordHeaderBytes);
  bytes.writeUInt32BE(recordChecksum(bytes, 0, payload.length), 24);
  return bytes;
}

/** The records of a segment, each verified (G1, G2). */
export function scanSegment(bytes: Buffer, first: number): ScannedSegment {
  const records: IngestRecord[] = [];
  let at = segmentHeaderBytes;
  let end = first;
  for (let record = recordAt(bytes, at); record?.first === end; record = recordAt(bytes, at)) {
    records.push(record);
    at += recordHeaderBytes + record.payload.length;
    end += record.count;
  }
  return { records, end, bytes: at, rest: restAt(bytes, at) };
}

export function eventsOf({ payload }: IngestRecord): IngestEvents {
  const [values, times] = decode(payload) as [unknown[], (number | undefined)[] | undefined];
  return { values, times };
}

function recordAt(bytes: Buffer, at: number): IngestRecord | undefined {
  if (at + recordHeaderBytes > bytes.length || bytes.readUInt32BE(at) !== recordMagic) return undefined;
  const length = bytes.readUInt32BE(at + 4);
  const start = at + recordHeaderBytes;
  if (start + length > bytes.length || bytes.readUInt32BE(at + 24) !== recordChecksum(bytes, at, length)) {
    return undefined;
  }
  return {
    first: Number(bytes.readBigUInt64BE(at + 8)),
    count: bytes.readUInt32BE(at + 16),
    payload: bytes.subarray(start, start + length),
  };
}

function recordChecksum(bytes: Buffer, at: number, length: number): number {
  const start = at + recordHeaderBytes;
  return crc32(bytes.subarray(start, start + length), crc32(bytes.subarray(at, at + 24)));
}

function restAt(bytes: Buffer, at: number): ScannedSegment["rest"] {
  if (at === bytes.length) return "none";
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(recordMagic);
  for (let found = bytes.indexOf(mark, at); found !== -1; found = bytes.indexOf(mark, found + 1)) {
    if (recordAt(bytes, found) === undefined) continue;
    // One that is whole, and out of its place, was never written there.
    if (found === at || found - bytes.readUInt32BE(found + appendOffset) > at) return "damaged";
  }
  return "torn";
}
