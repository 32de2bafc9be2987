/**
 * Codec: plain data to msgpack bytes and back. Every encoding is self-contained and owned by the caller, never a view of
 * the encoder's pool, so that its buffer can be transferred.
 *
 * What comes back equals what went in, except: an Error comes back as a RemoteError, and a hole in an array as undefined; and inside an
 * object without prototype -0 as 0, and half a surrogate pair as U+FFFD, which msgpackr has no other form for. Identity is not
 * kept: what is referenced twice comes back as two.
 *
 * Not here: bytes that were not made by this runtime.
 */

import { frameBytesMax } from "../limits.ts";
import { FrameCorruptError, FrameTooLargeError } from "./frame-error.ts";
import { packPiecesView, packView, unpackOne } from "./packr.ts";
import { assertPlainData, NotPlainDataError } from "./plain-data.ts";
import { EncodedValues, type PlainPieces } from "./plain-packer.ts";
import { unpackPlain } from "./plain-unpacker.ts";

/**
 * The bytes of a value, in a buffer of their own.
 *
 * @param path names the value in errors
 * @param bytesMax for what travels in no frame
 * @throws ERR_RT_NOT_PLAIN_DATA naming the place that cannot be carried; ERR_RT_FRAME_TOO_LARGE
 */
export function encode(value: unknown, path = "value", bytesMax = frameBytesMax): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeView(value, path, bytesMax));
}

/** As `encode`, but a view of a pool that the next call overwrites: for copying at once. */
export function encodeView(value: unknown, path: string, bytesMax = frameBytesMax): Uint8Array {
  let view: Uint8Array;
  try {
    view = packView(value);
  } catch (error) {
    throw explain(error, path, () => assertPlainData(value, path));
  }
  checkSize(view, bytesMax);
  return view;
}

/** The values that `write` writes, which are so many. Throws what `write` does, and anything for what cannot be encoded. */
export function encodeValues(count: number, write: (pieces: PlainPieces) => void): EncodedValues {
  return new EncodedValues(count, new Uint8Array(packPiecesView(write)));
}

/** The value that `encode` was given. Throws ERR_RT_FRAME_CORRUPT. */
export function decode(bytes: Uint8Array): unknown {
  try {
    return unpackOne(bytes);
  } catch (error) {
    throw new FrameCorruptError(bytes.byteLength, error);
  }
}

/** As `decode`, but nothing in the value is a view of `bytes`: those may change. Throws ERR_RT_FRAME_CORRUPT. */
export function decodeCopy(bytes: Uint8Array): unknown {
  // Of what `encode` writes nothing is read by hand as a view.
  const values = unpackPlain(bytes);
  return values?.length === 1 ? values[0] : decode(Uint8Array.from(bytes));
}

/** The error to throw when the encoder has stumbled: the one of `check`, which looks for the path. */
export function explain(error: unknown, path: string, check: () => void): unknown {
  try {
    check();
  } catch (found) {
    return found;
  }
  return new NotPlainDataError(path, "a value that the encoder refuses", error);
}

export function checkSize(view: Uint8Array, bytesMax = frameBytesMax): void {
  if (view.byteLength > bytesMax) throw new FrameTooLargeError(view.byteLength, bytesMax);
}
