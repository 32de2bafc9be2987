/**
 * History: what happened in a simulated world, a line each, and a hash over all of it, so that two histories can be compared
 * without being kept. FNV-1a, 32 bits.
 */

export class History {
  readonly #lines: string[] | undefined;
  #hash = 0x811c9dc5;
  #count = 0;

  /** @param kept whether the lines are kept, or only their hash */
  constructor(kept: boolean) {
    this.#lines = kept ? [] : undefined;
  }

  /** Undefined when they were not kept. */
  get lines(): readonly string[] | undefined {
    return this.#lines;
  }

  /** Lines so far, kept or not. */
  get count(): number {
    return this.#count;
  }

  /** Eight hexadecimal digits. */
  get hash(): string {
    return this.#hash.toString(16).padStart(8, "0");
  }

  /** @param what one line */
  add(nowMs: number, what: string): void {
    const line = `${nowMs.toFixed(3)} ${what}`;
    for (let index = 0; index < line.length; index += 1) {
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(index), 0x01000193) >>> 0;
    }
    this.#count += 1;
    this.#lines?.push(line);
  }
}
