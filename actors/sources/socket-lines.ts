/**
 * SocketLines: the lines of one connection.
 *
 * Bound: `socketBufferBytesMax` and one chunk of the socket, plus `lineBytesMax` for a line that has not ended; above it
 * the socket is paused, and its peer has to wait.
 */

import type { Socket } from "node:net";
import { socketBufferBytesMax } from "../limits.ts";
import type { PartContext } from "../operator.ts";
import type { SourceOutput } from "../source.ts";
import { describeFailure } from "./input-error.ts";
import { handleInvalid, InvalidInputError } from "./invalid-input.ts";
import { LineCursor } from "./line-cursor.ts";
import { LineEmitter, type LineFormat } from "./line-emitter.ts";
import { StreamChunks } from "./stream-chunks.ts";

/** What a connection has come to. */
export type SocketPhase =
  | { readonly kind: "open" }
  | { readonly kind: "ended" }
  | { readonly kind: "lost"; readonly error: unknown };

export class SocketLines {
  readonly origin: string;
  readonly #context: PartContext;
  readonly #format: LineFormat<string>;
  readonly #chunks: StreamChunks;
  readonly #cursor: LineCursor;
  readonly #emitter: LineEmitter<string>;

  /** @param onChange called when there may be lines, or the connection has ended or was lost */
  constructor(origin: string, socket: Socket, format: LineFormat<string>, context: PartContext, onChange: () => void) {
    this.origin = origin;
    this.#context = context;
    this.#format = format;
    this.#chunks = new StreamChunks(socket, socketBufferBytesMax, onChange);
    this.#cursor = new LineCursor(this.#chunks, format);
    this.#emitter = new LineEmitter(format, context);
  }

  get place(): string {
    return `line ${this.#cursor.lineCount} of the connection`;
  }

  /** Lines so far. */
  get lineCount(): number {
    return this.#cursor.lineCount;
  }

  /** Takes at most `lineCountMax` lines; returns how many it took. Fewer: none is left for now, see `phase`. */
  emit(output: SourceOutput<string>, lineCountMax: number): number {
    return this.#emitter.emit(this.#cursor, this, output, lineCountMax);
  }

  /** To be asked when `emit` took fewer lines than it might. */
  get phase(): SocketPhase {
    if (this.#chunks.failure !== undefined) return { kind: "lost", error: this.#chunks.failure.error };
    return this.#cursor.ended ? { kind: "ended" } : { kind: "open" };
  }

  /** Gives up the beginning of a line that a lost connection left behind. */
  refuseUnfinished(error: unknown): void {
    const { unfinished } = this.#cursor;
    if (unfinished === undefined) return;
    const place = `line ${this.#cursor.lineCount + 1} of the connection`;
    const reason = `the connection was lost before the line ended: ${describeFailure(error)}`;
    handleInvalid(
      this.#format.onInvalid,
      this.#context,
      new InvalidInputError(this.origin, place, reason, error),
      unfinished,
    );
  }

  close(): void {
    this.#chunks.close();
  }
}
