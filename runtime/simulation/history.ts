/**
 * History: what happened in a simulated world, a line for each step, and a hash over all of it, so that two histories can be
 * compared without being kept. FNV-1a, 32 bits.
 *
 * A line is the virtual time in ms, what happened, and behind it what that made happen: `12.345 host 2: timer; count/1 takes 3`.
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

  /**
   * One line.
   *
   * @param who whose turn it is
   */
  add(nowMs: number, who: string, what: string): void {
    this.#mixNumber(nowMs * 1_000);
    this.#mix(who);
    this.#mix(what);
    this.#count += 1;
    this.#lines?.push(`${nowMs.toFixed(3)} ${who}: ${what}`);
  }

  /** What the step of the newest line makes happen; goes to its end. */
  note(what: string): void {
    this.#mix(what);
    if (this.#lines === undefined) return;
    const line = this.#lines.pop();
    this.#lines.push(`${line ?? ""}; ${what.replaceAll("\n", " ")}`);
  }

  /** By its lower 32 bits. */
  #mixNumber(number: number): void {
    this.#hash = Math.imul(this.#hash ^ (number | 0), 0x01000193) >>> 0;
  }

  #mix(text: string): void {
    let hash = this.#hash;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    this.#hash = hash >>> 0;
  }
}
