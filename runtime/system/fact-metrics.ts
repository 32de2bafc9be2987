/**
 * Counts facts as metrics: a counter for each kind of fact, by the name of the kind and labelled with the host. Facts are
 * rare and reach main anyway, so that counting them costs the actors nothing.
 */

import type { Metrics } from "../seams/metrics.ts";
import type { FactBus } from "./fact-bus.ts";

const countedKinds = [
  "actor-started",
  "actor-restarted",
  "actor-stopped",
  "actor-failed",
  "host-lost",
  "host-replaced",
] as const;

/** From now on counts every fact; `dead-letters` counts the letters, those that were not sampled included. */
export function countFacts(facts: FactBus, metrics: Metrics): void {
  for (const kind of countedKinds) {
    facts.on(kind, (fact) => metrics.counter(kind, { host: String(fact.host) }).add(1));
  }
  const deadLetters = metrics.counter("dead-letters");
  facts.on("dead-letters", (fact) => deadLetters.add(fact.letters.length + fact.unsampledCount));
}
