/**
 * DeadLetterBatch: gathers dead letters until they are taken. All are counted; of a flood only the first keep their value.
 */

import { assertPlainData } from "../codec/plain-data.ts";
import { printValue } from "../errors/option-error.ts";
import { toWire } from "../errors/wire-error.ts";
import { deadLettersPerFlushMax } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { DeadLetter } from "./fact.ts";

/** Dead letters on their way; plain data. */
export interface DeadLetterPost {
  readonly letters: readonly DeadLetter[];
  /** Further ones, only counted. */
  readonly unsampledCount: number;
}

export class DeadLetterBatch {
  readonly #clock: Clock;
  #letters: DeadLetter[] = [];
  #unsampledCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(to: string, value: unknown, error: unknown): void {
    if (!this.#hasRoom()) return;
    this.#letters.push({ to, value: carried(value), error: toWire(error), atMs: this.#clock.wallMs() });
  }

  /** Adds one that is complete: plain data of bounded size. */
  put(letter: DeadLetter): void {
    if (this.#hasRoom()) this.#letters.push(letter);
  }

  /** What was gathered since the last call; undefined when nothing was. */
  take(): DeadLetterPost | undefined {
    if (this.#letters.length === 0) return undefined;
    const post = { letters: this.#letters, unsampledCount: this.#unsampledCount };
    this.#letters = [];
    this.#unsampledCount = 0;
    return post;
  }

  #hasRoom(): boolean {
    if (this.#letters.length < deadLettersPerFlushMax) return true;
    this.#unsampledCount += 1;
    return false;
  }
}

/** The value itself where it can cross threads, else a text that describes it. */
function carried(value: unknown): unknown {
  try {
    assertPlainData(value, "dead letter");
    return value;
  } catch {
    return printValue(value);
  }
}
