/** LineEmitter: takes lines off a cursor and emits what they hold; lines that hold nothing valid go the author's way. */

import { reasonOf } from "../../runtime/index.ts";
import type { PartContext } from "../operator.ts";
import type { SourceOutput } from "../source.ts";
import { handleInvalid, InvalidInputError, LineTooLongError, type OnInvalid } from "./invalid-input.ts";
import type { LineCursor } from "./line-cursor.ts";
import type { TextEncoding } from "./line-splitter.ts";

/** How lines are read. */
export interface LineFormat<T> {
  readonly encoding: TextEncoding;
  readonly lineBytesMax: number;
  readonly emptyLines: "keep" | "skip";
  readonly onInvalid: OnInvalid;
  /** The event that a line holds; throws when it holds none. */
  readonly decode: (line: string) => T;
}

/** Where lines come from, for errors. */
export interface LinePlace {
  readonly origin: string;
  /** Where the last line stands. */
  readonly place: string;
}

export class LineEmitter<T> {
  readonly #format: LineFormat<T>;
  readonly #context: PartContext;

  constructor(format: LineFormat<T>, context: PartContext) {
    this.#format = format;
    this.#context = context;
  }

  /**
   * Takes at most `lineCountMax` lines and emits their events. Returns how many lines it took; fewer when none is left
   * for now.
   */
  emit(cursor: LineCursor, where: LinePlace, output: SourceOutput<T>, lineCountMax: number): number {
    const { decode, emptyLines } = this.#format;
    for (let count = 0; count < lineCountMax; count += 1) {
      const line = cursor.next();
      if (line === undefined) return count;
      if (typeof line !== "string") this.#refuseLong(where, line.beginning);
      else if (line.length > 0 || emptyLines === "keep") {
        let event: T;
        try {
          event = decode(line);
        } catch (error) {
          this.#refuse(where, line, error);
          continue;
        }
        output.emit(event);
      }
    }
    return lineCountMax;
  }

  #refuse({ origin, place }: LinePlace, line: string, error: unknown): void {
    const invalid = new InvalidInputError(origin, place, reasonOf(error), error);
    handleInvalid(this.#format.onInvalid, this.#context, invalid, line);
  }

  #refuseLong({ origin, place }: LinePlace, beginning: string): void {
    const tooLong = new LineTooLongError(origin, place, this.#format.lineBytesMax);
    handleInvalid(this.#format.onInvalid, this.#context, tooLong, beginning);
  }
}
