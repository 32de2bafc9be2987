/** DeadLetterOutlet: the dead letters of one host on their way to the system. */

import { printValue } from "../errors/option-error.ts";
import type { Clock } from "../seams/clock.ts";
import { DeadLetterBatch } from "../system/dead-letter-batch.ts";
import type { DeadLetter, Fact } from "../system/fact.ts";

export class DeadLetterOutlet {
  readonly #publish: (fact: Fact) => void;
  readonly #batch: DeadLetterBatch;

  constructor(clock: Clock, publish: (fact: Fact) => void) {
    this.#batch = new DeadLetterBatch(clock);
    this.#publish = publish;
  }

  add(to: string, value: unknown, error: unknown): void {
    this.#batch.add(to, value, error);
  }

  put(letter: DeadLetter): void {
    this.#batch.put(letter);
  }

  flush(): void {
    const post = this.#batch.take();
    if (post === undefined) return;
    try {
      this.#publish({ kind: "dead-letters", ...post });
    } catch {
      // Together they are too large for a frame.
      const letters = post.letters.map((letter) => ({ ...letter, value: printValue(letter.value) }));
      this.#publish({ kind: "dead-letters", ...post, letters });
    }
  }
}
