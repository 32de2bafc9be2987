/** What can be wrong with the bytes of a frame. */

import { MillraceError } from "../errors/millrace-error.ts";
import { frameBytesMax } from "../limits.ts";

/** A value whose encoding is larger than one frame may be; nothing was sent. */
export class FrameTooLargeError extends MillraceError {
  readonly code = "ERR_RT_FRAME_TOO_LARGE";

  constructor(byteLength: number, bytesMax = frameBytesMax) {
    super(`a frame of ${byteLength} bytes is larger than ${bytesMax} bytes: send smaller batches or values`, {
      details: { byteLength, frameBytesMax: bytesMax },
    });
  }
}

/** Bytes that are no frame of this runtime: cut short, damaged, or made by something else. */
export class FrameCorruptError extends MillraceError {
  readonly code = "ERR_RT_FRAME_CORRUPT";

  constructor(byteLength: number, cause: unknown) {
    super(`a frame of ${byteLength} bytes cannot be decoded`, { details: { byteLength }, cause });
  }
}
