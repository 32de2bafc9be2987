/** FactBus: publishes facts to whoever subscribes. A subscriber that throws is logged and harms nobody. */

import type { Logger } from "../seams/logger.ts";
import type { Fact, FactKind } from "./fact.ts";

export type FactOf<Kind extends FactKind> = Extract<Fact, { readonly kind: Kind }>;
export type Unsubscribe = () => void;

export class FactBus {
  readonly #logger: Logger;
  readonly #subscribers = new Map<FactKind, Set<(fact: never) => void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Calls `subscriber` for every fact of the kind from now on; returns what ends that. */
  on<Kind extends FactKind>(kind: Kind, subscriber: (fact: FactOf<Kind>) => void): Unsubscribe {
    const subscribers = this.#subscribers.get(kind) ?? new Set();
    this.#subscribers.set(kind, subscribers);
    subscribers.add(subscriber as (fact: never) => void);
    return () => subscribers.delete(subscriber as (fact: never) => void);
  }

  publish(fact: Fact): void {
    for (const subscriber of this.#subscribers.get(fact.kind) ?? []) {
      try {
        subscriber(fact as never);
      } catch (error) {
        this.#logger.log("error", "a subscriber of facts threw", { kind: fact.kind, error: String(error) });
      }
    }
  }
}
