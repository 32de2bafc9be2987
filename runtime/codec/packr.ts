/**
 * The encoder and decoder of frames: plain data by hand (plain-packer.ts, plain-unpacker.ts), all else by msgpackr, taught to refuse what it would silently change.
 *
 * msgpackr writes an instance of a class as its fields, a function as undefined, an Error as name and message, and a
 * typed array that it does not know as bytes that no decoder accepts. Its table of extensions is the one place that sees
 * every object which is neither a plain object, an array nor a Map, and an extension is chosen by `instanceof`: one
 * class with its own `Symbol.hasInstance` therefore catches exactly these, at no cost for plain data. The table is shared
 * by everyone who uses msgpackr in this process; the flag `encoding` keeps others unaffected.
 *
 * Invariants
 *  I1  encoders have no shared structures: what one message says does not depend on an earlier one.
 *  I2  a failed encoding leaves the encoder as it was.
 */

import { addExtension, Packr, RESET_BUFFER_MODE, Unpackr } from "msgpackr";
import { assert } from "../assert.ts";
import { fromWire, toWire, type WireError } from "../errors/wire-error.ts";
import { carriedPrototypes } from "./plain-data.ts";
import { type PlainPieces, packPieces, packPlain, unitsExtension } from "./plain-packer.ts";
import { unpackPlain } from "./plain-unpacker.ts";

/** Thrown inside the encoder only; who called it looks for the path. */
class CannotEncode extends Error {}

/** The msgpack bytes of a value: a view of the encoder's pool, good until the next call. Throws anything. */
export function packView(value: unknown): Uint8Array {
  const outer = encoding;
  encoding = true;
  try {
    // The other encoder is left alone while it is at work: a getter may lead here.
    return outer ? packOther(value) : packPlain(value, packOther);
  } finally {
    encoding = outer;
  }
}

/** As `packView`, of what `write` writes; not to be called by what is encoded. Throws anything. */
export function packPiecesView(write: (pieces: PlainPieces) => void): Uint8Array {
  assert(!encoding, "one message at a time");
  encoding = true;
  try {
    return packPieces(write, packOther);
  } finally {
    encoding = false;
  }
}

/** The one value in `bytes`. Byte strings at its top are views of `bytes`. */
export function unpackOne(bytes: Uint8Array): unknown {
  return unpackr.unpack(bytes);
}

/** The values that follow each other in `bytes`. */
export function unpackAll(bytes: Uint8Array): unknown[] {
  return unpackPlain(bytes) ?? unpackr.unpackMultiple(bytes);
}

function packOther(value: unknown): Uint8Array {
  return packr.pack(value, RESET_BUFFER_MODE);
}

let encoding = false;

const packr = new Packr({ moreTypes: true, useToJSON: false, useRecords: isRecord });
const unpackr = new Unpackr({ moreTypes: true, useRecords: true });

/** Asked by msgpackr for every object it is about to write; `__proto__` also finds own keys of that name. */
function isRecord(object: { readonly __proto__?: unknown }): boolean {
  // biome-ignore lint/suspicious/noProto: one read that the engine inlines, where getPrototypeOf would miss own keys
  if (object.__proto__ !== Object.prototype || "__keys__" in object) throw new CannotEncode();
  return true;
}

/** What an instance of a class that msgpackr does not carry is written as. */
type Carried =
  | readonly [kind: "error", error: WireError]
  | readonly [kind: "buffer", bytes: Uint8Array]
  | readonly [kind: "bare", keys: readonly string[], values: readonly unknown[]];

const extensionType = 0x4d;

const NotCarried = {
  [Symbol.hasInstance](value: unknown): boolean {
    return encoding && !isCarriedByMsgpackr(value);
  },
};

addExtension({ Class: NotCarried as unknown as new () => object, type: extensionType, write: carry, read: uncarry });
addExtension({ type: unitsExtension, unpack: (bytes: Buffer) => Buffer.from(bytes).toString("utf16le") });

function isCarriedByMsgpackr(value: unknown): boolean {
  if (typeof value === "function") return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  return carriedPrototypes.has(prototype) || prototype === Object.prototype || prototype === Array.prototype;
}

function carry(value: unknown): Carried {
  if (Buffer.isBuffer(value)) return ["buffer", new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (value instanceof Error) return ["error", toWire(value)];
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null) {
    return ["bare", Object.keys(value), Object.values(value)];
  }
  throw new CannotEncode();
}

function uncarry(carried: Carried): unknown {
  switch (carried[0]) {
    case "error":
      return fromWire(carried[1]);
    case "buffer":
      return Buffer.from(carried[1].buffer, carried[1].byteOffset, carried[1].byteLength);
    case "bare": {
      const object: Record<string, unknown> = Object.create(null);
      for (let index = 0; index < carried[1].length; index += 1) object[carried[1][index]!] = carried[2][index];
      return object;
    }
  }
}
