import { expect, test } from "vitest";
import { OperatorFailedError } from "../../actors/index.ts";
import { fromWire, toWire } from "../../runtime/index.ts";
import { type FailureCounts, noteFailure, passCheckpoint } from "./failure-counts.ts";

const place = { name: "count", address: { path: "millrace://system/job/count/0", host: 1 } };
const failure = fromWire(toWire(new OperatorFailedError(place, "restart", new RangeError("no"), "event-1")));

function countOf(counts: FailureCounts): number | undefined {
  return [...counts.values()].find(({ event }) => event === "event-1")?.count;
}

test("failures at an event add up, also over the first checkpoint behind a restart", () => {
  const counts: FailureCounts = new Map();

  noteFailure(counts, failure);
  passCheckpoint(counts);
  noteFailure(counts, failure);
  passCheckpoint(counts);
  noteFailure(counts, failure);

  expect(countOf(counts)).toBe(3);
});

test("an event that was passed by two checkpoints without failing again is forgotten", () => {
  const counts: FailureCounts = new Map();

  noteFailure(counts, failure);
  passCheckpoint(counts);
  passCheckpoint(counts);

  expect(counts.size).toBe(0);
});
