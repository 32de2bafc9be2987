/**
 * ProcessFacts: what happens to the processes of a supervised run, and to the actors in them, for whoever subscribes. A
 * subscriber that throws is logged and harms nobody.
 */

import type { FactOf, Logger, Unsubscribe } from "../../runtime/index.ts";
import type { ProcessDiedError } from "./process-error.ts";
import type { ForwardedFact } from "./process-protocol.ts";

export type ProcessFact =
  /** A process has begun: events flow in it. */
  | { readonly kind: "process-begun"; readonly pid: number; readonly restarts: number }
  /** Another process has loaded everything, and takes over when the one that runs the job dies. */
  | { readonly kind: "process-stands-by"; readonly pid: number }
  | {
      readonly kind: "process-lost";
      /** Undefined when it could not be started. */
      readonly pid: number | undefined;
      /** How it died, and which checkpoint is the last. */
      readonly error: ProcessDiedError;
      /** Undefined when there will be no other. */
      readonly restartInMs: number | undefined;
    }
  | FactOf<ForwardedFact>;

export type ProcessFactKind = ProcessFact["kind"];
export type ProcessFactOf<Kind extends ProcessFactKind> = Extract<ProcessFact, { readonly kind: Kind }>;

export class ProcessFacts {
  readonly #logger: Logger;
  readonly #subscribers = new Map<ProcessFactKind, Set<(fact: never) => void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<Kind extends ProcessFactKind>(kind: Kind, subscriber: (fact: ProcessFactOf<Kind>) => void): Unsubscribe {
    const subscribers = this.#subscribers.get(kind) ?? new Set();
    this.#subscribers.set(kind, subscribers);
    subscribers.add(subscriber as (fact: never) => void);
    return () => subscribers.delete(subscriber as (fact: never) => void);
  }

  publish(fact: ProcessFact): void {
    for (const subscriber of [...(this.#subscribers.get(fact.kind) ?? [])]) {
      try {
        subscriber(fact as never);
      } catch (error) {
        this.#logger.log("error", "a subscriber of facts threw", { kind: fact.kind, error: String(error) });
      }
    }
  }
}
