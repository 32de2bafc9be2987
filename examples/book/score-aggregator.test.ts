import { expect, test } from "vitest";
import { OperatorHarness } from "../../jobs/testing/index.ts";
import { ScoreAggregator } from "./score-aggregator.ts";
import type { Transaction } from "./transaction.ts";

const transaction: Transaction = { id: "t1", user: "ann", amount: 10, shop: 1, atMs: 0 };

test("decides when the third score of a transaction has come, and forgets it", async () => {
  const harness = await OperatorHarness.openProcess(ScoreAggregator);

  harness.feedValues([
    { transaction, analyzer: "ticket", score: 0.5 },
    { transaction, analyzer: "velocity", score: 0.25 },
  ]);
  expect([harness.values(), harness.tell("waiting?")]).toEqual([[], 1]);
  harness.feedValues([{ transaction, analyzer: "walk", score: 0.25 }]);

  expect(harness.values()).toEqual([
    {
      transaction,
      scores: { ticket: 0.5, velocity: 0.25, walk: 0.25 },
      isFraud: true,
      decidedBy: "under-test 0",
    },
  ]);
  expect(harness.tell("waiting?")).toBe(0);
  await harness.end();
});
