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
  readonly #onChange: () => void;
  readonly #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #isEnded: boolean;
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;
  #isHeld = false;

  /** @param onChange called when a chunk has come, the stream has ended, or has failed */
  constructor(stream: Readable, bufferBytesMax: number, onChange: () => void) {
    this.#stream = stream;
    this.#bufferBytesMax = bufferBytesMax;
    this.#onChange = onChange;
    this.#isEnded = stream.readableEnded || stream.destroyed;
    // The listeners stay, and so does the one for errors: without it a late one would end the process.
    stream.on("error", (error) => {
      this.#failure ??= { error };
      this.#change();
    });
    const onEnd = (): void => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      this.#change();
    };
    stream.on("end", onEnd);
    stream.on("close", onEnd);
    stream.on("data", (chunk: Buffer) => this.#add(chunk));
  }

  /** The next chunk; undefined when none is there now. */
  take(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#bufferedBytes -= chunk.length;
    this.#resume();
    return chunk;
  }

  /** Puts bytes back, to be taken next. */
  untake(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.unshift(chunk);
    this.#bufferedBytes += chunk.length;
  }

  /** What the stream failed of, once everything before it was taken. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#chunks.length === 0 ? this.#failure : undefined;
  }

  /** Whether everything was taken and nothing follows. False for a stream that failed. */
  get ended(): boolean {
    return this.#isEnded && this.#chunks.length === 0 && this.#failure === undefined;
  }

  /** Stops reading until `release`: nobody is there to take anything. */
  hold(): void {
    this.#isHeld = true;
    this.#stream.pause();
  }

  release(): void {
    this.#isHeld = false;
    this.#resume();
  }

  close(): void {
    this.#isClosed = true;
    this.#chunks.length = 0;
    this.#bufferedBytes = 0;
    this.#stream.destroy();
  }

  #add(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes >= this.#bufferBytesMax) this.#stream.pause();
    if (this.#chunks.length === 1) this.#change();
  }

  #change(): void {
    if (!this.#isClosed && !this.#isHeld) this.#onChange();
  }

  #resume(): void {
    if (this.#isClosed || this.#isHeld || this.#bufferedBytes >= this.#bufferBytesMax) return;
    if (this.#stream.isPaused()) this.#stream.resume();
  }
}
