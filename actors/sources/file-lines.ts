/**
 * FileLines: one file, or one part of it, opened for its lines: from the start, or from a position.
 *
 * A file shared by several instances is cut at equal byte offsets; a line belongs to the part that holds its first byte.
 * A part that does not begin at the start therefore begins one byte early and drops what it finds up to the first line
 * break: that is the end of a line of the part before.
 */

import type { SourceProgress } from "../source.ts";
import { FileInput } from "./file-input.ts";
import { InputUnreadableError, PositionLostError } from "./input-error.ts";
import { LineCursor } from "./line-cursor.ts";
import type { TextEncoding } from "./line-splitter.ts";

/** What stands in a checkpoint. */
export interface FilePosition {
  /** Behind the last line emitted, in (decompressed) bytes. */
  readonly offset: number;
  /** Number of that line; absent in a part of a file. */
  readonly line?: number;
  /** Where the part ends; absent when it ends with the file. */
  readonly end?: number;
  /** Set as long as the offset is within a line of the part before. */
  readonly inLine?: true;
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

export class FileLines {
  readonly cursor: LineCursor;
  readonly #input: FileInput;
  readonly #part: FilePosition;
  #dropsFirst: boolean;

  private constructor(input: FileInput, part: FilePosition, options: FileLinesOptions) {
    this.#input = input;
    this.#part = part;
    this.#dropsFirst = part.inLine === true;
    this.cursor = new LineCursor(input, {
      encoding: options.encoding,
      lineBytesMax: options.lineBytesMax,
      keepsCarriageReturn: options.keepsCarriageReturn ?? false,
      offset: input.startOffset,
      lineCount: part.line ?? 0,
      endOffset: part.end,
    });
  }

  /** @throws what `FileInput.open` throws, and what `indivisible` makes */
  static async open(path: string, options: FileLinesOptions): Promise<FileLines> {
    let part: FilePosition = { offset: 0 };
    const { position } = options;
    const { index, count } = options.part;
    const input = await FileInput.open(path, {
      onChange: options.onChange,
      startOffset: ({ sizeBytes, isGzip }) => {
        if (count > 1 && isGzip)
          throw options.indivisible?.() ?? new InputUnreadableError(path, "gzip data cannot be cut");
        part = position ?? partOf(sizeBytes, index, count);
        return part.offset;
      },
    });
    return new FileLines(input, part, options);
  }

  /** To be asked before lines are taken: false while the rest of another part's line has not gone by yet. */
  get atLine(): boolean {
    if (this.#dropsFirst && this.cursor.next() !== undefined) this.#dropsFirst = false;
    return !this.#dropsFirst;
  }

  get position(): FilePosition {
    if (this.#dropsFirst) return this.#part;
    const { end, line } = this.#part;
    return {
      offset: this.cursor.offset,
      ...(line === undefined ? {} : { line: this.cursor.lineCount }),
      ...(end === undefined ? {} : { end }),
    };
  }

  /** Where the last line stands, for errors. */
  get place(): string {
    return this.#part.line === undefined
      ? `line that ends at byte ${this.cursor.offset}`
      : `line ${this.cursor.lineCount}`;
  }

  progress(): SourceProgress {
    const { done, total, unit } = this.#input.progress();
    const end = this.#part.end ?? total;
    return this.#part.line === undefined ? { done: Math.min(done, end), total: end, unit } : { done, total, unit };
  }

  close(): void {
    this.#input.close();
  }
}

/** Checks a position that comes from a checkpoint. Throws ERR_ACT_POSITION_LOST when it is none. */
export function filePosition(origin: string, position: unknown): FilePosition | undefined {
  if (position === undefined) return undefined;
  if (
    typeof position === "object" &&
    position !== null &&
    "offset" in position &&
    Number.isSafeInteger(position.offset)
  ) {
    return position as FilePosition;
  }
  throw new PositionLostError(origin, position, "it is not one of a file");
}

function partOf(sizeBytes: number, index: number, count: number): FilePosition {
  if (count === 1) return { offset: 0, line: 0 };
  const start = Math.floor((sizeBytes * index) / count);
  const begin: FilePosition = start === 0 ? { offset: 0 } : { offset: start - 1, inLine: true };
  return index === count - 1 ? begin : { ...begin, end: Math.floor((sizeBytes * (index + 1)) / count) };
}
