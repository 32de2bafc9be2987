import { expect, test } from "vitest";
import { MetricRegistry } from "../seams/metrics.ts";
import { FactBus } from "./fact-bus.ts";
import { countFacts } from "./fact-metrics.ts";

test("facts are counted by their kind and host, dead letters one by one", () => {
  const facts = new FactBus({ log: () => undefined });
  const metrics = new MetricRegistry();
  const error = { name: "Error", message: "poison" } as never;
  countFacts(facts, metrics);

  facts.publish({ kind: "actor-restarted", path: "millrace://test/a", host: 1, incarnation: 1 });
  facts.publish({ kind: "actor-restarted", path: "millrace://test/b", host: 1, incarnation: 1 });
  facts.publish({ kind: "actor-restarted", path: "millrace://test/c", host: 2, incarnation: 1 });
  facts.publish({ kind: "host-lost", host: 2, error });
  facts.publish({ kind: "dead-letters", letters: [{ to: "a", value: 1, error, atMs: 0 }], unsampledCount: 7 });

  expect(metrics.samples().map(({ name, labels, value }) => [name, labels.host, value])).toEqual([
    ["dead-letters", undefined, 8],
    ["actor-restarted", "1", 2],
    ["actor-restarted", "2", 1],
    ["host-lost", "2", 1],
  ]);
});
