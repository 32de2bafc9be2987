import { expect, test } from "vitest";
import { OperatorFailedError } from "../../actors/index.ts";
import { fromWire, toWire } from "../../runtime/index.ts";
import { failedEventsKeptMax } from "../limits.ts";
import { type FailureCounts, noteFailure } from "./failure-counts.ts";

const place = { name: "count", address: { path: "millrace://system/job/count/0", host: 1 } };

function failureAt(event: string) {
  return fromWire(toWire(new OperatorFailedError(place, "restart", new RangeError("no"), { event, retry: 1 })));
}

test("failures at an event add up, whatever else fails between", () => {
  const counts: FailureCounts = new Map();

  for (const event of ["a", "b", "a", "a"]) noteFailure(counts, failureAt(event));
  noteFailure(counts, fromWire(toWire(new OperatorFailedError(place, "restart", new RangeError("no event")))));
  noteFailure(counts, new RangeError("no operator"));

  expect([...counts.values()].map(({ operator, event, count }) => `${operator} ${event} ${count}`)).toEqual([
    "count b 1",
    "count a 3",
  ]);
});

test("of many events, those that failed longest ago are forgotten", () => {
  const counts: FailureCounts = new Map();

  noteFailure(counts, failureAt("first"));
  noteFailure(counts, failureAt("second"));
  noteFailure(counts, failureAt("first"));
  for (let index = 2; index <= failedEventsKeptMax; index += 1) noteFailure(counts, failureAt(`${index}`));

  expect(counts.size).toBe(failedEventsKeptMax);
  const events = [...counts.values()].map(({ event }) => event);
  expect([events.includes("first"), events.includes("second")]).toEqual([true, false]);
});
