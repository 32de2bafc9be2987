/**
 * stdinLines: the lines of standard input. On the main thread the process's stream is read; a worker thread, which has
 * none, reads the file descriptor.
 */

import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { isMainThread } from "node:worker_threads";
import { readAheadBytesMax, readChunkBytes } from "../limits.ts";
import { checkSingleInstance } from "../parallelism-error.ts";
import type { SourceSpec } from "../source.ts";
import { StreamLinesReader } from "./stream-lines-reader.ts";
import { type TextLinesOptions, textFormat } from "./text-lines.ts";

/**
 * The lines of standard input until it is closed. Not replayable: what was read is gone. Takes one instance.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_INPUT_DAMAGED when reading fails, and with ERR_ACT_PARALLELISM.
 */
export function stdinLines(options: TextLinesOptions = {}): SourceSpec<string> {
  const format = textFormat("stdinLines", options);
  return {
    kind: "stdin",
    bounded: true,
    replayable: false,
    origin: "standard input",
    create: () =>
      new StreamLinesReader("standard input", format, readAheadBytesMax, (context) => {
        checkSingleInstance(context, "standard input is one stream");
        return standardInput();
      }),
  };
}

function standardInput(): Readable {
  return isMainThread
    ? process.stdin
    : createReadStream("", { fd: 0, autoClose: false, highWaterMark: readChunkBytes });
}
