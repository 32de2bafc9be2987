/**
 * LineSplitter: bytes in, lines out. Pure; one per file or connection.
 *
 * Chunks are decoded in pieces that end at a line break, so no character is cut, and one decoding serves many lines.
 * Pieces are small because a line is a slice of its piece and keeps all of it alive.
 *
 * Invariants
 *  L1  `offset` is the byte offset behind the last line handed out, its line break included.
 *  L2  no more than `lineBytesMax` bytes of an unfinished line are kept.
 *
 * A line ends at LF; a CR before it is dropped. The last line needs no line break. A byte order mark at the beginning of
 * UTF-8 text is dropped.
 */

import { assert } from "../../runtime/index.ts";
import { decodePieceBytes } from "../limits.ts";

export type TextEncoding = "utf8" | "latin1";

/** Stands for a line longer than allowed. */
export interface LongLine {
  /** The first bytes of it, as text. */
  readonly beginning: string;
}

export interface LineSplitterOptions {
  readonly encoding: TextEncoding;
  readonly lineBytesMax: number;
  /** Whether the CR of a line that ends in CRLF stays; default not. */
  readonly keepsCarriageReturn?: boolean;
  /** Where the bytes begin in the input. */
  readonly offset?: number;
  /** How many lines of the input come before them. */
  readonly lineCount?: number;
}

const lineFeed = 10;
const carriageReturn = 13;
const beginningBytes = 256;
const empty: Buffer = Buffer.alloc(0);

export class LineSplitter {
  readonly #encoding: TextEncoding;
  readonly #lineBytesMax: number;
  readonly #keepsCarriageReturn: boolean;
  readonly #pieceBytes: number;
  #chunk = empty;
  /** How much of the chunk went into pieces, or into the unfinished line. */
  #chunkAt = 0;
  #ended = false;
  /** Holds the beginning of a line whose end has not come yet; copied, so that bytes that drip in cost their size only. */
  #line = empty;
  #lineBytes = 0;
  /** Set while the rest of a line that is too long is skipped: the line's bytes so far. `#line` keeps its beginning. */
  #skippedBytes: number | undefined;
  #piece = empty;
  #text = "";
  #textAt = 0;
  #pieceLines = 0;
  #pieceOffset: number;
  #lineCount: number;

  constructor(options: LineSplitterOptions) {
    this.#encoding = options.encoding;
    this.#lineBytesMax = options.lineBytesMax;
    this.#keepsCarriageReturn = options.keepsCarriageReturn ?? false;
    this.#pieceBytes = Math.min(decodePieceBytes, options.lineBytesMax);
    this.#pieceOffset = options.offset ?? 0;
    this.#lineCount = options.lineCount ?? 0;
  }

  /** Lines handed out so far, those before `offset` included. */
  get lineCount(): number {
    return this.#lineCount;
  }

  /** The byte offset behind the last line handed out. Looks through one piece; not for every line. */
  get offset(): number {
    if (this.#textAt >= this.#text.length) return this.#pieceOffset + this.#piece.length;
    return this.#offsetBehind(this.#pieceLines);
  }

  /** The byte offset of the first byte of the last line handed out, a line too long excepted. */
  get lineOffset(): number {
    return this.#offsetBehind(Math.max(0, this.#pieceLines - 1));
  }

  /** The beginning of a line whose end has not come yet; undefined when there is none. */
  get unfinished(): string | undefined {
    return this.#lineBytes === 0 ? undefined : this.#decode(this.#line.subarray(0, this.#lineBytes));
  }

  /** The bytes that were pushed and not handed out; without those of a line that was found too long. */
  get rest(): Buffer {
    const unfinished = this.#skippedBytes === undefined ? this.#line.subarray(0, this.#lineBytes) : empty;
    const piece = this.#piece.subarray(this.offset - this.#pieceOffset);
    return Buffer.concat([piece, unfinished, this.#chunk.subarray(this.#chunkAt)]);
  }

  /** Adds bytes. Only after `next` returned undefined. */
  push(chunk: Buffer): void {
    assert(this.#chunkAt === this.#chunk.length && !this.#ended, "a chunk is pushed when the last one is used up");
    this.#chunk = chunk;
    this.#chunkAt = 0;
  }

  /** No bytes follow: what is left is the last line. */
  end(): void {
    this.#ended = true;
  }

  /** The next line without its line break; undefined when it needs more bytes or, after `end`, when none is left. */
  next(): string | LongLine | undefined {
    if (this.#textAt >= this.#text.length) {
      const long = this.#refill();
      if (long !== undefined) {
        this.#lineCount += 1;
        return long;
      }
      if (this.#text.length === 0) return undefined;
    }
    const start = this.#textAt;
    const found = this.#text.indexOf("\n", start);
    const end = found === -1 ? this.#text.length : found;
    this.#textAt = end + 1;
    this.#lineCount += 1;
    this.#pieceLines += 1;
    const isBeforeReturn = this.#text.charCodeAt(end - 1) === carriageReturn && end > start && found !== -1;
    return this.#text.slice(start, isBeforeReturn && !this.#keepsCarriageReturn ? end - 1 : end);
  }

  #offsetBehind(pieceLines: number): number {
    let at = 0;
    for (let line = 0; line < pieceLines; line += 1) at = this.#piece.indexOf(lineFeed, at) + 1;
    return this.#pieceOffset + at;
  }

  /** Takes the next piece, of one line or of several; or says that a line too long was skipped. */
  #refill(): LongLine | undefined {
    this.#pieceOffset += this.#piece.length;
    this.#piece = empty;
    this.#text = "";
    this.#textAt = 0;
    this.#pieceLines = 0;

    const chunk = this.#chunk;
    const start = this.#chunkAt;
    if (start === chunk.length) return this.#ended ? this.#takeLast() : undefined;

    if (this.#skippedBytes === undefined && this.#lineBytes === 0) {
      const last = chunk.lastIndexOf(lineFeed, Math.min(start + this.#pieceBytes, chunk.length) - 1);
      if (last >= start) {
        this.#chunkAt = last + 1;
        this.#takePiece(chunk.subarray(start, last + 1));
        return undefined;
      }
    }
    const found = chunk.indexOf(lineFeed, start);
    const end = found === -1 ? chunk.length : found + 1;
    this.#chunkAt = end;
    return this.#extendLine(chunk.subarray(start, end), found !== -1);
  }

  /** Adds to the unfinished line; finishes it when its line break has come. */
  #extendLine(bytes: Buffer, isComplete: boolean): LongLine | undefined {
    const breakBytes = isComplete ? 1 : 0;
    if (this.#skippedBytes === undefined && this.#lineBytes + bytes.length - breakBytes > this.#lineBytesMax) {
      this.#skippedBytes = this.#lineBytes;
      if (this.#lineBytes < beginningBytes)
        this.#append(bytes.subarray(0, Math.min(beginningBytes, bytes.length - breakBytes)));
    }
    if (this.#skippedBytes !== undefined) {
      this.#skippedBytes += bytes.length;
      return isComplete ? this.#takeLong(this.#skippedBytes) : undefined;
    }
    if (isComplete && this.#lineBytes === 0) {
      this.#takePiece(bytes);
      return undefined;
    }
    this.#append(bytes);
    assert(this.#lineBytes <= this.#lineBytesMax + 1, "L2: an unfinished line is within lineBytesMax");
    if (isComplete) this.#takeUnfinished();
    return undefined;
  }

  #append(bytes: Buffer): void {
    const neededBytes = this.#lineBytes + bytes.length;
    if (neededBytes > this.#line.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, this.#line.length * 2));
      this.#line.copy(grown, 0, 0, this.#lineBytes);
      this.#line = grown;
    }
    bytes.copy(this.#line, this.#lineBytes);
    this.#lineBytes = neededBytes;
  }

  #takeLast(): LongLine | undefined {
    if (this.#skippedBytes !== undefined) return this.#takeLong(this.#skippedBytes);
    if (this.#lineBytes > 0) this.#takeUnfinished();
    return undefined;
  }

  #takeLong(lineBytes: number): LongLine {
    const beginning = this.#decode(this.#line.subarray(0, Math.min(this.#lineBytes, beginningBytes)));
    this.#pieceOffset += lineBytes;
    this.#line = empty;
    this.#lineBytes = 0;
    this.#skippedBytes = undefined;
    return { beginning };
  }

  #takeUnfinished(): void {
    const bytes = this.#line.subarray(0, this.#lineBytes);
    this.#line = empty;
    this.#lineBytes = 0;
    this.#takePiece(bytes);
  }

  #takePiece(bytes: Buffer): void {
    this.#piece = bytes;
    this.#text = this.#decode(bytes);
    const isFirst = this.#pieceOffset === 0 && this.#encoding === "utf8";
    if (isFirst && this.#text.charCodeAt(0) === 0xfeff) this.#text = this.#text.slice(1);
  }

  #decode(bytes: Buffer): string {
    return bytes.toString(this.#encoding);
  }
}
