/**
 * Tests of both jobs, for the runner of Node: the check that finds the bug without a single fault, a scenario under which it
 * shows, and the same scenario with the job mended.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOperators, crash, startSimulation } from "../../jobs/testing/index.ts";
import receipts from "./receipts.job.ts";
import broken from "./receipts-broken.job.ts";

interface Receipt {
  readonly shop: string;
  readonly number: number;
}

/** Four sales in Ulm, Bonn, Kiel and Ulm; then the thread dies; then the same again. */
async function receiptsOfUlm(job: typeof receipts): Promise<number[]> {
  await using simulation = await startSimulation(job);
  const sales = simulation.source<number>("sales");
  const shown = simulation.sink<Receipt>("receipts");

  sales.pushAll([0, 1, 2, 3]);
  const before = await shown.expectEvents(4);
  simulation.strike(crash("number"));
  sales.pushAll([0, 1, 2, 3]);
  const after = await shown.expectEvents(4);
  await shown.expectNoEvent("1m");

  return [...before, ...after].filter(({ shop }) => shop === "Ulm").map(({ number }) => number);
}

test("the operator that keeps numbers outside of its state is found", async () => {
  const findings = await checkOperators(broken, { eventCountMax: 20 });

  assert.deepEqual([...new Set(findings.map(({ operator }) => operator))], ["number"]);
  for (const { text } of findings) console.log(text);
  assert.deepEqual(await checkOperators(receipts, { eventCountMax: 20 }), []);
});

test("the broken job begins anew when its thread dies", async () => {
  assert.deepEqual(await receiptsOfUlm(broken), [1, 2, 1, 2]);
});

test("the mended job goes on", async () => {
  assert.deepEqual(await receiptsOfUlm(receipts), [1, 2, 3, 4]);
});
