/**
 * FileLines: one file, or one part of it, opened for its lines: from the start, or from a position.
 *
 * A file shared by several instances is cut at equal byte offsets; a line belongs to the part that holds its first byte.
 * A part that does not begin at the start therefore begins one byte early and drops what it finds up to the first line
 * break: that is the end of a line of the part before.
 *
 * The last line of a file may have no line break. When the file has grown by the time it is opened again, what follows has
 * to be that line break: a line that was emitted and then goes on is a position lost.
 */

import type { SourceProgress } from "../source.ts";
import { FileInput } from "./file-input.ts";
import { InputUnreadableError, PositionLostError } from "./input-error.ts";
import { LineCursor } from "./line-cursor.ts";
import type { TextEncoding } from "./line-splitter.ts";
import type { PassedChecksum } from "./passed-bytes.ts";

/** What stands in a checkpoint. */
export interface FilePosition {
  /** Behind the last line emitted, in (decompressed) bytes. */
  readonly offset: number;
  /** Number of that line; absent in a part of a file. */
  readonly line?: number;
  /** Where the part begins; absent when it begins with the file. */
  readonly from?: number;
  /** Where the part ends; absent when it ends with the file. */
  readonly end?: number;
  /** Set as long as the offset is within a line of the part before. */
  readonly inLine?: true;
  /** Set when the last line had no line break. */
  readonly unbroken?: true;
  /** Of the file on the disk, when it was opened. */
  readonly sizeBytes: number;
  /** Of what lies between the beginning of the part and the offset. */
  readonly passed: PassedChecksum;
}

export interface FileLinesOptions {
  readonly encoding: TextEncoding;
  readonly lineBytesMax: number;
  readonly keepsCarriageReturn?: boolean;
  readonly position: FilePosition | undefined;
  readonly part: { readonly index: number; readonly count: number };
  readonly onChange: () => void;
  /** The error for a file that cannot be cut; needed when `part.count` is not 1. */
  readonly indivisible?: () => Error;
}

/** The part of a file that is read, and where it is gone into. */
type FilePart = Omit<FilePosition, "sizeBytes" | "passed">;

export class FileLines {
  readonly cursor: LineCursor;
  readonly #input: FileInput;
  readonly #start: FilePosition;
  /** False while the rest of a line is to be taken before the first one. */
  #isAtLine: boolean;

  private constructor(input: FileInput, part: FilePart, options: FileLinesOptions) {
    this.#input = input;
    this.#start = {
      ...part,
      sizeBytes: input.sizeBytes,
      passed: options.position?.passed ?? input.passed.checksum,
    };
    const { inLine = false, unbroken = false, offset, line = 0, end } = part;
    this.#isAtLine = !inLine && !unbroken;
    this.cursor = new LineCursor(input, {
      encoding: options.encoding,
      lineBytesMax: options.lineBytesMax,
      keepsCarriageReturn: options.keepsCarriageReturn ?? false,
      offset: input.startOffset,
      lineCount: unbroken ? line - 1 : line,
      endOffset: unbroken && end !== undefined ? Math.max(end, offset + 1) : end,
    });
  }

  /** @throws what `FileInput.open` throws, and what `indivisible` makes */
  static async open(path: string, options: FileLinesOptions): Promise<FileLines> {
    const { position } = options;
    const { index, count } = options.part;
    let part: FilePart = { offset: 0 };
    const input = await FileInput.open(path, {
      onChange: options.onChange,
      startAt: ({ sizeBytes, isGzip }) => {
        if (count > 1 && isGzip)
          throw options.indivisible?.() ?? new InputUnreadableError(path, "gzip data cannot be cut");
        part = position ?? partOf(sizeBytes, index, count);
        return { from: part.from ?? 0, offset: part.offset, before: position };
      },
    });
    return new FileLines(input, part, options);
  }

  /**
   * To be asked before lines are taken: false while the rest of a line before has not gone by yet.
   *
   * @throws ERR_ACT_POSITION_LOST when a line that was emitted goes on
   */
  get atLine(): boolean {
    return this.#isAtLine || this.#reachesLine();
  }

  get position(): FilePosition {
    return this.positionAt(this.cursor.offset, this.cursor.lineCount);
  }

  /** The position behind a line taken before; not before that of a position asked for before. */
  positionAt(offset: number, line: number): FilePosition {
    if (!this.#isAtLine || offset === this.#start.offset) return this.#start;
    const { sizeBytes, passed } = this.#input;
    const { from, end } = this.#start;
    passed.advance(offset);
    return {
      offset,
      sizeBytes,
      passed: passed.checksum,
      ...(this.#start.line === undefined ? {} : { line }),
      ...(from === undefined ? {} : { from }),
      ...(end === undefined ? {} : { end }),
      ...(passed.endsLine ? {} : { unbroken: true }),
    };
  }

  /** Where the last line stands, for errors. */
  get place(): string {
    return this.#start.line === undefined
      ? `line that ends at byte ${this.cursor.offset}`
      : `line ${this.cursor.lineCount}`;
  }

  progress(): SourceProgress {
    const { done, total, unit } = this.#input.progress();
    const end = this.#start.end ?? total;
    return this.#start.line === undefined ? { done: Math.min(done, end), total: end, unit } : { done, total, unit };
  }

  close(): void {
    this.#input.close();
  }

  #reachesLine(): boolean {
    const rest = this.cursor.next();
    if (rest === undefined) return false;
    if (this.#start.unbroken && rest !== "" && rest !== "\r") {
      const { path } = this.#input;
      throw new PositionLostError(path, this.#start.offset, "the line before it had no line break, and goes on now");
    }
    this.#isAtLine = true;
    return true;
  }
}

/** Checks a position that comes from a checkpoint. Throws ERR_ACT_POSITION_LOST when it is none. */
export function filePosition(origin: string, position: unknown): FilePosition | undefined {
  if (position === undefined) return undefined;
  if (
    typeof position === "object" &&
    position !== null &&
    "offset" in position &&
    Number.isSafeInteger(position.offset) &&
    "passed" in position
  ) {
    return position as FilePosition;
  }
  throw new PositionLostError(origin, position, "it is not one of a file");
}

function partOf(sizeBytes: number, index: number, count: number): FilePart {
  if (count === 1) return { offset: 0, line: 0 };
  const start = Math.floor((sizeBytes * index) / count);
  const begin: FilePart = start === 0 ? { offset: 0 } : { offset: start - 1, from: start - 1, inLine: true };
  return index === count - 1 ? begin : { ...begin, end: Math.floor((sizeBytes * (index + 1)) / count) };
}
