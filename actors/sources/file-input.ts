/**
 * FileInput: the bytes of one file from an offset on, read in pieces and ahead of need. A gzip file, told by its first
 * bytes, is decompressed on the way; its offsets count decompressed bytes, and going to one reads what is before it.
 *
 * A file may grow between two openings. One that has shrunk, or holds something else before the offset, is refused.
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
import { PassedBytes, type PassedChecksum } from "./passed-bytes.ts";
import { StreamChunks } from "./stream-chunks.ts";

/** Where reading begins, in (decompressed) bytes. */
export interface InputStart {
  /** Where the part of the file begins that is read. */
  readonly from: number;
  readonly offset: number;
  /** Of the file, when it was opened before; undefined for the first time. */
  readonly before: InputBefore | undefined;
}

/** What was known of a file at a position. */
export interface InputBefore {
  /** Of the file on the disk, compressed or not. */
  readonly sizeBytes: number;
  /** Of what lies between the beginning of the part and the position. */
  readonly passed: PassedChecksum;
}

export interface FileInputOptions {
  /** Where to begin; decides, once size and kind of the file are known. */
  readonly startAt: (file: { readonly sizeBytes: number; readonly isGzip: boolean }) => InputStart;
  /** Called when `take` or `ended` will say something new. */
  readonly onChange: () => void;
}

export class FileInput {
  readonly path: string;
  readonly sizeBytes: number;
  readonly startOffset: number;
  /** Holds what is before `startOffset` and, as it is taken, what is behind it. */
  readonly passed: PassedBytes;
  readonly #before: InputBefore | undefined;
  readonly #chunks: StreamChunks;
  readonly #progressBytes: () => number;
  /** Decompressed bytes to be read and not handed out, until `startOffset` is reached. */
  #skipBytes: number;

  private constructor(path: string, parts: FileInputParts) {
    this.path = path;
    this.sizeBytes = parts.sizeBytes;
    this.startOffset = parts.start.offset;
    this.passed = parts.passed;
    this.#before = parts.start.before;
    this.#chunks = parts.chunks;
    this.#progressBytes = parts.progressBytes;
    this.#skipBytes = parts.start.offset - parts.passed.offset;
  }

  /**
   * Opens a file for reading.
   *
   * @throws ERR_ACT_INPUT_UNREADABLE when it is missing, no file, or may not be read
   * @throws ERR_ACT_POSITION_LOST when it has shrunk, or what is before the offset has changed
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
      const start = options.startAt({ sizeBytes: status.size, isGzip });
      checkSize(path, start, status.size, isGzip);
      const passed = new PassedBytes(start.from);
      if (!isGzip) {
        await readPassed(path, handle, start.offset, passed);
        checkPassed(path, start.before, passed);
      }
      const parts = read(handle, isGzip, start.offset, options);
      return new FileInput(path, { ...parts, start, passed, sizeBytes: status.size });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * The next bytes; undefined when none are there now.
   *
   * @throws ERR_ACT_POSITION_LOST when what a compressed file holds before the offset has changed
   */
  take(): Buffer | undefined {
    for (;;) {
      const chunk = this.#chunks.take();
      if (chunk === undefined) return undefined;
      this.passed.add(chunk);
      if (this.#skipBytes === 0) return chunk;
      const skipped = Math.min(this.#skipBytes, chunk.length);
      this.#skipBytes -= skipped;
      this.passed.advance(this.passed.offset + skipped);
      if (this.#skipBytes > 0) continue;
      checkPassed(this.path, this.#before, this.passed);
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
  readonly start: InputStart;
  readonly passed: PassedBytes;
  readonly chunks: StreamChunks;
  readonly progressBytes: () => number;
}

async function beginsAsGzip(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

function checkSize(path: string, { offset, before }: InputStart, sizeBytes: number, isGzip: boolean): void {
  if (before !== undefined && sizeBytes < before.sizeBytes) {
    throw new PositionLostError(path, offset, `it has ${sizeBytes} bytes, and had ${before.sizeBytes}`);
  }
  if (!isGzip && offset > sizeBytes) throw new PositionLostError(path, offset, `it has ${sizeBytes} bytes`);
}

/** Reads what has to be known of the bytes before the offset. */
async function readPassed(path: string, handle: FileHandle, offset: number, passed: PassedBytes): Promise<void> {
  for (const { start, end } of passed.neededBefore(offset)) {
    if (start > passed.offset) passed.leaveOutTo(start);
    while (passed.offset < end) {
      const chunk = Buffer.allocUnsafe(Math.min(readChunkBytes, end - passed.offset));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, passed.offset).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      if (bytesRead === 0) throw new PositionLostError(path, offset, `it ends at ${passed.offset}`);
      passed.add(chunk.subarray(0, bytesRead));
      passed.advance(passed.offset + bytesRead);
    }
  }
}

function checkPassed(path: string, before: InputBefore | undefined, passed: PassedBytes): void {
  if (before === undefined) return;
  const { head, tail } = passed.checksum;
  if (head === before.passed.head && tail === before.passed.tail) return;
  throw new PositionLostError(path, passed.offset, "what it holds before that was changed, or it is another file");
}

function read(
  handle: FileHandle,
  isGzip: boolean,
  startOffset: number,
  { onChange }: FileInputOptions,
): Pick<FileInputParts, "chunks" | "progressBytes"> {
  const start = isGzip ? 0 : startOffset;
  const file = handle.createReadStream({ start, highWaterMark: readChunkBytes });
  const progressBytes = () => start + file.bytesRead;
  const chunksOf = (stream: Readable) => new StreamChunks(stream, readAheadBytesMax, onChange);
  if (!isGzip) return { chunks: chunksOf(file), progressBytes };
  const gunzip = createGunzip({ chunkSize: readChunkBytes });
  file.on("error", (error) => gunzip.destroy(error));
  gunzip.on("close", () => file.destroy());
  return { chunks: chunksOf(file.pipe(gunzip)), progressBytes };
}
