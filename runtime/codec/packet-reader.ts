/** Reads the packets of a PacketWriter. */

import { FrameCorruptError } from "./frame-error.ts";
import { unpackAll } from "./packr.ts";

/**
 * Calls `receive` with each value of a packet, in order, after all of it was decoded. Byte strings are views of `bytes`.
 *
 * @throws ERR_RT_FRAME_CORRUPT before the first call
 */
export function readPacket(bytes: Uint8Array, receive: (value: unknown) => void): void {
  if (bytes.byteLength === 0) return;
  let values: unknown[];
  try {
    values = unpackAll(bytes);
  } catch (error) {
    throw new FrameCorruptError(bytes.byteLength, error);
  }
  for (const value of values) receive(value);
}
