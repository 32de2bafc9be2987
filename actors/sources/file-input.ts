/**
 * FileInput: the bytes of one file from an offset on, read in pieces and ahead of need. A gzip file, told by its first
 * bytes, is decompressed on the way; its offsets count decompressed bytes, and going to one reads what is before it.
 */

import { type FileHandle, open } from "node:fs/promises";
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { readAheadBytesMax, readChunkBytes } from "../limits.ts";
import type { SourceProgress } from "../source.ts";
import {
  describeFailure,
  InputDamagedError,
  InputUnreadableError,
  PositionLostError,
  unreadable,
} from "./input-error.ts";
import { StreamChunks } from "./stream-chunks.ts";

export interface FileInputOptions {
  /** Where to begin; decides, once size and kind of the file are known. */
  readonly startOffset: (file: { readonly sizeBytes: number; readonly isGzip: boolean }) => number;
  /** Called when `take` or `ended` will say something new. */
  readonly onChange: () => void;
}

export class FileInput {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isGzip: boolean;
  readonly startOffset: number;
  readonly #chunks: StreamChunks;
  readonly #progressBytes: () => number;
  #skipBytes: number;

  private constructor(path: string, parts: FileInputParts) {
    this.path = path;
    this.sizeBytes = parts.sizeBytes;
    this.isGzip = parts.isGzip;
    this.startOffset = parts.startOffset;
    this.#chunks = parts.chunks;
    this.#progressBytes = parts.progressBytes;
    this.#skipBytes = parts.isGzip ? parts.startOffset : 0;
  }

  /**
   * Opens a file for reading.
   *
   * @throws ERR_ACT_INPUT_UNREADABLE when it is missing, no file, or may not be read
   * @throws ERR_ACT_POSITION_LOST when it is shorter than the offset
   */
  static async open(path: string, options: FileInputOptions): Promise<FileInput> {
    const handle = await open(path, "r").catch((error: unknown) => {
      throw unreadable(path, error);
    });
    try {
      const status = await handle.stat();
      if (status.isDirectory()) throw new InputUnreadableError(path, "it is a directory");
      const isGzip = status.isFile() && (await beginsAsGzip(handle));
      if (!isGzip && status.size > 0 && extname(path) === ".gz")
        throw new InputDamagedError(path, "it is no gzip data");
      const startOffset = options.startOffset({ sizeBytes: status.size, isGzip });
      if (!isGzip && startOffset > status.size) {
        throw new PositionLostError(path, startOffset, `it has ${status.size} bytes`);
      }
      return new FileInput(path, { ...read(handle, isGzip, startOffset, options), sizeBytes: status.size });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The next bytes; undefined when none are there now. */
  take(): Buffer | undefined {
    for (;;) {
      const chunk = this.#chunks.take();
      if (chunk === undefined || this.#skipBytes === 0) return chunk;
      const skipped = Math.min(this.#skipBytes, chunk.length);
      this.#skipBytes -= skipped;
      if (skipped < chunk.length) return chunk.subarray(skipped);
    }
  }

  /**
   * Whether everything was taken.
   *
   * @throws ERR_ACT_INPUT_DAMAGED when reading or decompressing failed
   * @throws ERR_ACT_POSITION_LOST when a decompressed file is shorter than the offset it was opened at
   */
  get ended(): boolean {
    const failure = this.#chunks.failure;
    if (failure !== undefined) {
      const { error } = failure;
      throw new InputDamagedError(this.path, describeFailure(error), error);
    }
    if (this.#chunks.ended && this.#skipBytes > 0) {
      throw new PositionLostError(this.path, this.startOffset, `it ends ${this.#skipBytes} bytes before`);
    }
    return this.#chunks.ended;
  }

  /** Bytes of the file read so far, compressed ones for a compressed file. */
  progress(): SourceProgress {
    return { done: this.#progressBytes(), total: this.sizeBytes, unit: "bytes" };
  }

  close(): void {
    this.#chunks.close();
  }
}

interface FileInputParts {
  readonly sizeBytes: number;
  readonly isGzip: boolean;
  readonly startOffset: number;
  readonly chunks: StreamChunks;
  readonly progressBytes: () => number;
}

async function beginsAsGzip(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

function read(
  handle: FileHandle,
  isGzip: boolean,
  startOffset: number,
  { onChange }: FileInputOptions,
): Omit<FileInputParts, "sizeBytes"> {
  const start = isGzip ? 0 : startOffset;
  const file = handle.createReadStream({ start, highWaterMark: readChunkBytes });
  const progressBytes = () => start + file.bytesRead;
  const chunksOf = (stream: Readable) => new StreamChunks(stream, readAheadBytesMax, onChange);
  if (!isGzip) return { isGzip, startOffset, chunks: chunksOf(file), progressBytes };
  const gunzip = createGunzip({ chunkSize: readChunkBytes });
  file.on("error", (error) => gunzip.destroy(error));
  gunzip.on("close", () => file.destroy());
  return { isGzip, startOffset, chunks: chunksOf(file.pipe(gunzip)), progressBytes };
}
