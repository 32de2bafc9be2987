/** DeadLetters: all dead letters of a system: counted, the newest kept for inspection, open to subscribers. */

import { deadLettersKeptMax } from "../limits.ts";
import type { DeadLetter } from "./fact.ts";
import type { FactBus, Unsubscribe } from "./fact-bus.ts";

export class DeadLetters {
  readonly #facts: FactBus;
  readonly #newest: DeadLetter[] = [];
  #count = 0;

  constructor(facts: FactBus) {
    this.#facts = facts;
    facts.on("dead-letters", (fact) => {
      this.#count += fact.letters.length + fact.unsampledCount;
      this.#newest.push(...fact.letters);
      if (this.#newest.length > deadLettersKeptMax) this.#newest.splice(0, this.#newest.length - deadLettersKeptMax);
    });
  }

  /** How many there were since the system started. */
  get count(): number {
    return this.#count;
  }

  /** The newest ones, oldest first. */
  newest(): readonly DeadLetter[] {
    return [...this.#newest];
  }

  /** Calls `subscriber` for each dead letter that travels with its value; a flood is sampled, see `count`. */
  subscribe(subscriber: (letter: DeadLetter) => void): Unsubscribe {
    return this.#facts.on("dead-letters", (fact) => fact.letters.forEach(subscriber));
  }
}
