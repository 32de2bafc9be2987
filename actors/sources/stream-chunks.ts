/**
 * StreamChunks: the bytes of a Node stream, taken synchronously. It holds what has come, says when more has come, and
 * pauses the stream while enough waits; so a source that is not polled lets its file or its peer wait.
 *
 * Bound: `bufferBytesMax`, plus one chunk of the stream.
 */

import type { Readable } from "node:stream";

export interface StreamChunksOptions {
  readonly bufferBytesMax: number;
  /** Called when a chunk has come, the stream has ended, or has failed. */
  readonly onChange: () => void;
  /**
   * Whether the stream outlives its reading: it is then paused instead of destroyed, and gets back what was not taken.
   * Default not.
   */
  readonly isShared?: boolean;
}

export class StreamChunks {
  readonly #stream: Readable;
  readonly #options: StreamChunksOptions;
  readonly #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #isEnded: boolean;
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;

  constructor(stream: Readable, options: StreamChunksOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#isEnded = stream.readableEnded || stream.destroyed;
    stream.on("error", this.#onError);
    stream.on("end", this.#onEnd);
    stream.on("close", this.#onEnd);
    stream.on("data", this.#onData);
    // A stream that was paused on purpose does not flow by itself again.
    if (options.isShared === true) stream.resume();
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** The next chunk; undefined when none is there now. */
  take(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#bufferedBytes -= chunk.length;
    const hasRoom = this.#bufferedBytes < this.#options.bufferBytesMax;
    if (hasRoom && this.#stream.isPaused() && !this.#isClosed) this.#stream.resume();
    return chunk;
  }

  /** What the stream failed of, once everything before it was taken. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#chunks.length === 0 ? this.#failure : undefined;
  }

  /** Whether everything was taken and nothing follows. False for a stream that failed. */
  get ended(): boolean {
    return this.#isEnded && this.#chunks.length === 0 && this.#failure === undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#options.isShared === true) this.#giveBack();
    else this.#stream.destroy();
    this.#chunks.length = 0;
    this.#bufferedBytes = 0;
  }

  #giveBack(): void {
    const stream = this.#stream;
    stream.off("error", this.#onError);
    stream.off("end", this.#onEnd);
    stream.off("close", this.#onEnd);
    stream.off("data", this.#onData);
    stream.pause();
    if (stream.readableEnded || stream.destroyed) return;
    for (const chunk of this.#chunks.toReversed()) stream.unshift(chunk);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isClosed) return;
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes >= this.#options.bufferBytesMax) this.#stream.pause();
    if (this.#chunks.length === 1) this.#options.onChange();
  };

  readonly #onEnd = (): void => {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (!this.#isClosed) this.#options.onChange();
  };

  readonly #onError = (error: unknown): void => {
    this.#failure ??= { error };
    if (!this.#isClosed) this.#options.onChange();
  };
}
