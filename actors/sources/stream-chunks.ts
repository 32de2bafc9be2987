/**
 * StreamChunks: the bytes of a Node stream, taken synchronously. It holds what has come, says when more has come, and
 * pauses the stream while enough waits; so a source that is not polled lets its file or its peer wait.
 *
 * Bound: `bufferBytesMax`, plus one chunk of the stream.
 */

import type { Readable } from "node:stream";

export class StreamChunks {
  readonly #stream: Readable;
  readonly #bufferBytesMax: number;
  readonly #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;

  /** @param onChange called when a chunk has come, the stream has ended, or has failed */
  constructor(stream: Readable, bufferBytesMax: number, onChange: () => void) {
    this.#stream = stream;
    this.#bufferBytesMax = bufferBytesMax;
    stream.on("data", (chunk: Buffer) => {
      if (this.#isClosed) return;
      this.#chunks.push(chunk);
      this.#bufferedBytes += chunk.length;
      if (this.#bufferedBytes >= bufferBytesMax) stream.pause();
      if (this.#chunks.length === 1) onChange();
    });
    stream.on("end", () => {
      this.#isEnded = true;
      onChange();
    });
    stream.on("error", (error) => {
      this.#failure ??= { error };
      if (!this.#isClosed) onChange();
    });
    stream.on("close", () => {
      this.#isEnded = true;
      if (!this.#isClosed) onChange();
    });
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** The next chunk; undefined when none is there now. */
  take(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#bufferedBytes -= chunk.length;
    if (this.#bufferedBytes < this.#bufferBytesMax && this.#stream.isPaused() && !this.#isClosed) this.#stream.resume();
    return chunk;
  }

  /** What the stream failed of, once everything before it was taken. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#chunks.length === 0 ? this.#failure : undefined;
  }

  /** Whether everything was taken and nothing follows. */
  get ended(): boolean {
    return this.#isEnded && this.#chunks.length === 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#chunks.length = 0;
    this.#bufferedBytes = 0;
    this.#stream.destroy();
  }
}
