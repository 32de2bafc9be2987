/**
 * LineCursor: the lines of something that hands out chunks, one at a time, as long as they are there.
 *
 * A cursor with an `endOffset` ends behind the line that holds the byte before it; so parts of a file that meet at an
 * offset share its lines without gap or overlap, each line going to the part that holds its first byte.
 */

import { LineSplitter, type LineSplitterOptions, type LongLine } from "./line-splitter.ts";

export interface ChunkSource {
  take(): Buffer | undefined;
  readonly ended: boolean;
}

export interface LineCursorOptions extends LineSplitterOptions {
  readonly endOffset?: number | undefined;
}

const lineFeed = 10;

export class LineCursor {
  readonly #chunks: ChunkSource;
  readonly #splitter: LineSplitter;
  readonly #endOffset: number | undefined;
  #takenOffset: number;
  #isLastTaken = false;
  #isEnded = false;

  constructor(chunks: ChunkSource, options: LineCursorOptions) {
    this.#chunks = chunks;
    this.#splitter = new LineSplitter(options);
    this.#takenOffset = options.offset ?? 0;
    this.#endOffset = options.endOffset;
    if (options.endOffset !== undefined && this.#takenOffset >= options.endOffset) this.#isLastTaken = true;
  }

  /** The next line; undefined when none is there now, and when none follows (`ended`). */
  next(): string | LongLine | undefined {
    for (;;) {
      const line = this.#splitter.next();
      if (line !== undefined || this.#isEnded) return line;
      const chunk = this.#isLastTaken ? undefined : this.#chunks.take();
      if (chunk !== undefined) this.#splitter.push(this.#within(chunk));
      else if (this.#isLastTaken || this.#chunks.ended) {
        this.#splitter.end();
        this.#isEnded = true;
      } else return undefined;
    }
  }

  /** Whether `next` will never return a line again. To be asked after it returned none. */
  get ended(): boolean {
    return this.#isEnded;
  }

  /** Byte offset behind the last line. */
  get offset(): number {
    return this.#splitter.offset;
  }

  /** Byte offset of the first byte of the last line. */
  get lineOffset(): number {
    return this.#splitter.lineOffset;
  }

  /** Number of the last line, from 1. */
  get lineCount(): number {
    return this.#splitter.lineCount;
  }

  /** The beginning of a line whose end has not come. */
  get unfinished(): string | undefined {
    return this.#splitter.unfinished;
  }

  /** The bytes that were taken and not handed out. */
  get rest(): Buffer {
    return this.#splitter.rest;
  }

  #within(chunk: Buffer): Buffer {
    const chunkOffset = this.#takenOffset;
    this.#takenOffset += chunk.length;
    if (this.#endOffset === undefined || this.#takenOffset < this.#endOffset) return chunk;
    const last = chunk.indexOf(lineFeed, Math.max(0, this.#endOffset - 1 - chunkOffset));
    if (last === -1) return chunk;
    this.#isLastTaken = true;
    return chunk.subarray(0, last + 1);
  }
}
