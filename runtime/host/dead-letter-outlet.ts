/**
 * DeadLetterOutlet: the dead letters of one host on their way to the system. All are counted; of a flood only the first
 * of each flush travel with their value.
 */

import { assertPlainData } from "../codec/plain-data.ts";
import { printValue } from "../errors/option-error.ts";
import { toWire } from "../errors/wire-error.ts";
import { deadLettersPerFlushMax } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { DeadLetter, Fact } from "../system/fact.ts";

export class DeadLetterOutlet {
  readonly #clock: Clock;
  readonly #publish: (fact: Fact) => void;
  #letters: DeadLetter[] = [];
  #unsampledCount = 0;

  constructor(clock: Clock, publish: (fact: Fact) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  add(to: string, value: unknown, error: unknown): void {
    if (this.#letters.length >= deadLettersPerFlushMax) {
      this.#unsampledCount += 1;
      return;
    }
    this.#letters.push({ to, value: carried(value), error: toWire(error), atMs: this.#clock.wallMs() });
  }

  flush(): void {
    if (this.#letters.length === 0) return;
    const letters = this.#letters;
    const unsampledCount = this.#unsampledCount;
    this.#letters = [];
    this.#unsampledCount = 0;
    try {
      this.#publish({ kind: "dead-letters", letters, unsampledCount });
    } catch {
      // Together they are too large for a frame.
      const described = letters.map((letter) => ({ ...letter, value: printValue(letter.value) }));
      this.#publish({ kind: "dead-letters", letters: described, unsampledCount });
    }
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
